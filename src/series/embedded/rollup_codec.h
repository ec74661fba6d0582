// Roll-ups of one series, compressed into a chunk: the columns of rollup.h, each as a chunk of samples keeps
// its times and values. Lossless. Format: docs/formats/series.md.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "series/embedded/chunk_codec.h"
#include "series/embedded/rollup.h"

namespace sentinella::series {

/// Whether a chunk says that it holds roll-ups; what encode_chunk() wrote does not.
bool holds_rollups(std::string_view bytes);

/// At least one, at most kMaxChunkSamples.
std::string encode_rollups(const RollUps& rolled);

/// Of the summary only count (of spans), first and last are filled. Errors as peek_chunk().
Result<ChunkSummary> peek_rollups(std::string_view bytes);
/// Errors as peek_chunk().
Result<RollUps> decode_rollups(std::string_view bytes);

}  // namespace sentinella::series
