#include "series/embedded/chunk_erasure.h"

#include "series/embedded/rollup_codec.h"

namespace sentinella::series {
namespace {

Result<ChunkRest> samples_without(std::string_view bytes, TimeRange range) {
  Columns all, left;
  SENT_TRY(decode_chunk(bytes, all.times, all.values));
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (range.contains(all.times[i])) continue;
    left.times.push_back(all.times[i]);
    left.values.push_back(all.values[i]);
  }
  if (left.empty()) return ChunkRest{};
  return ChunkRest{left.size() == all.size() ? std::string(bytes) : encode_chunk(left.times, left.values),
                   left.times.back()};
}

Result<ChunkRest> rollups_without(std::string_view bytes, TimeRange range) {
  SENT_TRY_ASSIGN(const RollUps all, decode_rollups(bytes));
  const RollUps left = without(all, range);
  if (left.size() == 0) return ChunkRest{};
  return ChunkRest{left.size() == all.size() ? std::string(bytes) : encode_rollups(left), left.times.back()};
}

}  // namespace

Result<ChunkRest> chunk_without(std::string_view bytes, TimeRange range) {
  return holds_rollups(bytes) ? rollups_without(bytes, range) : samples_without(bytes, range);
}

}  // namespace sentinella::series
