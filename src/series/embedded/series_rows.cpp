#include "series/embedded/series_rows.h"

#include "base/bytes.h"
#include "base/compress.h"

namespace sentinella::series {
namespace {

constexpr std::size_t kMaxLabelsRow = 64u << 20;

}  // namespace

Result<ChunkKey> read_chunk_key(std::string_view key) {
  kv::KeyReader parts(key);
  parts.u32();
  const char tag = parts.tag();
  ChunkKey chunk;
  chunk.id = SeriesId{parts.u64()};
  chunk.last = parts.time();
  const std::uint64_t rank = parts.u64();
  chunk.rank = {(rank & 1) != 0, rank >> 1};
  if (!parts.ok() || tag != 'c')
    return fail(Errc::kCorrupt, "a chunk's key of {} bytes is damaged", key.size());
  return chunk;
}

std::string encode_labels_row(const std::vector<SeriesDefinition>& definitions) {
  std::string row;
  ByteWriter writer(row);
  std::uint64_t before = 0;
  for (const SeriesDefinition& one : definitions) {
    const auto id = static_cast<std::uint64_t>(one.id);
    writer.varint(id - before);
    before = id;
    writer.fixed(one.kind);
    writer.text(one.canonical);
  }
  return zstd_compress(row);
}

Result<std::vector<SeriesDefinition>> decode_labels_row(std::string_view row) {
  SENT_TRY_ASSIGN(const std::string bytes, zstd_decompress(row, kMaxLabelsRow));
  ByteReader reader(bytes);
  std::vector<SeriesDefinition> definitions;
  std::uint64_t id = 0;
  while (reader.ok() && !reader.at_end()) {
    id += reader.varint();
    const auto kind = reader.fixed<SeriesKind>();
    definitions.push_back({SeriesId{id}, kind, std::string(reader.text())});
    if (kind > SeriesKind::histogram) return fail(Errc::kCorrupt, "series {} is of no known kind", id);
  }
  if (!reader.ok()) return fail(Errc::kCorrupt, "labels after series {} are damaged", id);
  return definitions;
}

}  // namespace sentinella::series
