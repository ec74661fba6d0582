// The rows of the series store: keys and small values (format: docs/formats/series.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kv/key.h"
#include "model/account.h"
#include "model/sample_block.h"
#include "series/embedded/pieces.h"

namespace sentinella::series {

// Account 0 is nobody: its keys hold what concerns the whole store.
inline std::string meta_key(std::string_view name) {
  return kv::Key().u32(0).bytes(name).take();
}
/// How many bytes of an account's chunks end in an hour (hours since the epoch).
inline std::string hour_key(std::int64_t hour, AccountId account) {
  return kv::Key().u32(0).tag('h').time({hour}).u32(static_cast<std::uint32_t>(account)).take();
}
/// The hour that a chunk's bytes are counted under.
inline std::int64_t hour_of(Time last) {
  return last.ns / 3'600'000'000'000 - (last.ns < 0 ? 1 : 0);
}

inline kv::Key row_key(AccountId account, char kind) {
  return kv::Key().u32(static_cast<std::uint32_t>(account)).tag(kind);
}
/// `first`: the least id in the row.
inline std::string labels_key(AccountId account, SeriesId first) {
  return row_key(account, 'l').u64(static_cast<std::uint64_t>(first)).take();
}
inline std::string chunk_key(AccountId account, SeriesId id, Time last, std::uint64_t rank) {
  return row_key(account, 'c').u64(static_cast<std::uint64_t>(id)).time(last).u64(rank).take();
}

inline std::uint64_t rank_bits(const Rank& rank) {
  return rank.sequence << 1 | (rank.late ? 1 : 0);
}

struct ChunkKey {
  SeriesId id{};
  Time last;
  Rank rank;
};
/// kCorrupt.
Result<ChunkKey> read_chunk_key(std::string_view key);

/// Definitions of one account, by ascending id; many together are an order of magnitude smaller than each
/// alone.
inline constexpr std::size_t kDefinitionsPerRow = 512;
std::string encode_labels_row(const std::vector<SeriesDefinition>& definitions);
/// kCorrupt.
Result<std::vector<SeriesDefinition>> decode_labels_row(std::string_view row);

}  // namespace sentinella::series
