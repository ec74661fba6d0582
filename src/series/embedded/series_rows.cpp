#include "series/embedded/series_rows.h"

#include "base/bytes.h"
#include "series/embedded/chunk_codec.h"

namespace sentinella::series {

std::string encode_labels_row(const Series& series) {
  std::string row;
  ByteWriter writer(row);
  writer.fixed(series.kind);
  return row + series.labels.canonical();
}

Result<std::shared_ptr<Series>> decode_labels_row(AccountId account, std::uint64_t id, std::string_view row) {
  ByteReader reader(row);
  const auto kind = reader.fixed<SeriesKind>();
  std::vector<Label> labels;
  while (reader.ok() && !reader.at_end()) {
    Label& label = labels.emplace_back();
    label.name = reader.text();
    label.value = reader.text();
  }
  if (!reader.ok() || kind > SeriesKind::histogram)
    return fail(Errc::kCorrupt, "the labels of series {} are damaged", id);
  return std::make_shared<Series>(id, account, Labels(std::move(labels)), kind);
}

std::string encode_head_row(const Series& series) {
  std::string row;
  ByteWriter writer(row);
  writer.fixed(series.newest.ns);
  writer.fixed(series.oldest_chunk.ns);
  return row + encode_chunk(series.head);
}

Result<void> decode_head_row(std::string_view row, Series& series) {
  ByteReader reader(row);
  series.newest.ns = reader.fixed<std::int64_t>();
  series.oldest_chunk.ns = reader.fixed<std::int64_t>();
  if (!reader.ok()) return fail(Errc::kCorrupt, "the head of series {} is damaged", series.id);
  SENT_TRY_ASSIGN(series.head, decode_chunk(reader.rest()));
  return {};
}

std::string encode_chunk_row(const SealedChunk& chunk) {
  std::string row;
  ByteWriter(row).fixed(chunk.first.ns);
  return row + chunk.bytes;
}

Result<ChunkRow> decode_chunk_row(std::string_view key, std::string_view row) {
  kv::KeyReader parts(key);
  parts.u32();
  parts.tag();
  const std::uint64_t id = parts.u64();
  ChunkRow chunk;
  chunk.last = parts.time();
  chunk.sequence = parts.u64();
  ByteReader reader(row);
  chunk.first.ns = reader.fixed<std::int64_t>();
  chunk.bytes = reader.rest();
  if (!parts.ok() || !reader.ok())
    return fail(Errc::kCorrupt, "a chunk of series {} ending at {} is damaged", id, to_rfc3339(chunk.last));
  return chunk;
}

}  // namespace sentinella::series
