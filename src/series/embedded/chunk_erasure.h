// A chunk of either kind, less a range of time.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::series {

struct ChunkRest {
  std::string bytes;  ///< "" = nothing is left; the very chunk when it has nothing in the range
  Time last;
};

/// Errors as peek_chunk(). Of roll-ups a span goes when its last sample lies in the range.
Result<ChunkRest> chunk_without(std::string_view bytes, TimeRange range);

}  // namespace sentinella::series
