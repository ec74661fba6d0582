// The rows of the series store: keys and small values (format: docs/formats/series.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kv/key.h"
#include "series/embedded/series_head.h"

namespace sentinella::series {

// Account 0 is nobody: its keys hold what concerns the whole store.
inline std::string meta_key(std::string_view name) {
  return kv::Key().u32(0).bytes(name).take();
}
/// How many bytes of chunks end in an hour (hours since the epoch).
inline std::string hour_key(std::int64_t hour) {
  return kv::Key().u32(0).tag('h').time({hour}).take();
}

inline kv::Key row_key(AccountId account, char kind) {
  return kv::Key().u32(static_cast<std::uint32_t>(account)).tag(kind);
}
inline std::string labels_key(const Series& series) {
  return row_key(series.account, 'l').u64(series.id).take();
}
inline std::string head_key(const Series& series) {
  return row_key(series.account, 'h').u64(series.id).take();
}
inline std::string chunk_key(const Series& series, Time last, std::uint64_t sequence) {
  return row_key(series.account, 'c').u64(series.id).time(last).u64(sequence).take();
}

std::string encode_labels_row(const Series& series);
/// Labels and kind; id and account come from the key.
Result<std::shared_ptr<Series>> decode_labels_row(AccountId account, std::uint64_t id, std::string_view row);

std::string encode_head_row(const Series& series);
/// Fills head, newest and oldest_chunk.
Result<void> decode_head_row(std::string_view row, Series& series);

struct ChunkRow {
  Time first, last;
  std::uint64_t sequence = 0;
  std::string_view bytes;
};
std::string encode_chunk_row(const SealedChunk& chunk);
Result<ChunkRow> decode_chunk_row(std::string_view key, std::string_view row);

/// The hour that a chunk's bytes are counted under.
inline std::int64_t hour_of(Time last) {
  return last.ns / 3'600'000'000'000 - (last.ns < 0 ? 1 : 0);
}

}  // namespace sentinella::series
