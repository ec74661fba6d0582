// Samples of one series, compressed into a chunk of bytes that says what it is: version, count, first and
// last instant, a summary of the values, a checksum of its own. Lossless for every double and every instant.
// A regular series at 10 s whose values are decimals takes well under a byte a sample.
// Format: docs/formats/series.md; its parts: time_codec.h, value_codec.h, column_codec.h, entropy_codec.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/series.h"
#include "series/embedded/value_codec.h"

namespace sentinella::series {

inline constexpr std::size_t kMaxChunkSamples = 65'535;

struct ChunkSummary {
  std::uint32_t count = 0;  ///< of all samples; the rest means nothing when it is 0
  Time first, last;
  ValueSummary values;
  bool rolled = false;  ///< of roll-ups (rollup_codec.h): `count` is of spans, `values` means nothing
};

/// `times` ascend strictly; as many `values`, at most kMaxChunkSamples, may be none.
std::string encode_chunk(std::span<const Time> times, std::span<const double> values);
std::string encode_chunk(std::span<const Sample> samples);

/// What a chunk holds. Checks the checksum; small chunks are decoded for it, of others the head is read.
/// kCorrupt: not what encode_chunk wrote. kUnsupported: a newer version of it did.
Result<ChunkSummary> peek_chunk(std::string_view bytes);

/// Appends the samples to both. Errors as peek_chunk; then nothing was appended.
Result<void> decode_chunk(std::string_view bytes, std::vector<Time>& times, std::vector<double>& values);
Result<std::vector<Sample>> decode_chunk(std::string_view bytes);

}  // namespace sentinella::series
