// Samples of one series, compressed: timestamps as differences of differences in the chunk's own time unit,
// values XORed with the one before (Pelkonen et al., "Gorilla: a fast, scalable, in-memory time series
// database", VLDB 2015, section 4.1). Lossless for every double and every instant. Format:
// docs/formats/series.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/series.h"

namespace sentinella::series {

/// `samples` must be ascending in time, one per instant; may be empty.
std::string encode_chunk(std::span<const Sample> samples);
/// kCorrupt: not what encode_chunk wrote.
Result<std::vector<Sample>> decode_chunk(std::string_view bytes);

}  // namespace sentinella::series
