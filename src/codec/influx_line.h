// InfluxDB line protocol (InfluxDB 1.x, "Line protocol reference") into samples.
//
//   measurement[,tag=value...] field=value[,field=value...] [timestamp]
//
// A field becomes the series `measurement_field` with the line's tags as labels. Floats, integers (12i),
// unsigned (12u) and booleans (1 or 0) are samples; text is none, and is counted. Names become ours as
// metric_name.h has it; a line is refused whole when two of its tags become one label. Backslash escapes
// comma, equals and space outside of quotes, quote and backslash inside. Empty lines and those that begin
// with '#' are skipped; CR LF ends a line as LF does; a quoted text may hold line ends.
//
// One pass over the raw bytes. A line whose measurement and tags were seen before, with its fields in the
// order of that time, costs a hash of its head, a comparison of its field names, and its numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "codec/influx_line_cache.h"
#include "codec/series_key.h"
#include "model/account.h"
#include "model/sample_block.h"

namespace sentinella::codec {

struct LineOptions {
  AccountId account{};
  Time received;                        ///< of lines without a timestamp
  std::int64_t unit_ns = 1;             ///< of timestamps
  std::size_t max_samples = 2'000'000;  ///< lines beyond are refused
  std::size_t max_reasons = 20;         ///< bad lines told of one by one
};

struct BadLine {
  std::size_t line = 0;  ///< from 1
  std::string reason;
};

struct LineReport {
  std::size_t lines = 0;  ///< good ones; neither empty nor comments
  std::size_t samples = 0;
  std::size_t texts = 0;  ///< fields that are text: not kept
  std::size_t bad = 0;
  std::vector<BadLine> reasons;  ///< of the first bad ones
};

/// Appends the samples of all good lines to `out`. `resolve` is asked for series that are not in `cache`, or
/// are not `defined` yet.
LineReport decode_lines(std::string_view text, const LineOptions& options, LineSeriesCache& cache,
                        const ResolveSeries& resolve, const AreDefined& defined, SampleBlock& out);

}  // namespace sentinella::codec
