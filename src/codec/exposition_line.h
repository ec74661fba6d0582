// The grammar of one line of an exposition: Prometheus text format 0.0.4
// (prometheus.io/docs/instrumenting/exposition_formats) and OpenMetrics 1.0 (RFC draft, openmetrics.io).
//
// Every text handed in ends with its newline; nothing after it is looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "model/labels.h"

namespace sentinella::codec {

enum class ExpositionFormat : std::uint8_t {
  text,         ///< timestamps are whole milliseconds
  openmetrics,  ///< timestamps are seconds, exemplars may follow, "# EOF" must end the body
};

/// Why a line cannot be taken; a sentence for people that outlives everything.
using LineFault = std::string_view;

inline constexpr std::size_t kMaxExpositionLabels = 256;

/// How many bytes `name{label="value",...}` takes at the start of `line`.
std::expected<std::size_t, LineFault> scan_series(std::string_view line);
/// The same, taken apart: the name as __name__, then the labels as written, those with an empty value too.
std::expected<std::vector<Label>, LineFault> parse_series(std::string_view series);

/// What follows the series.
struct SampleTail {
  double value = 0;
  std::int64_t at_ns = 0;
  bool timed = false;         ///< at_ns is there
  const char* end = nullptr;  ///< of the line: at its newline
};
std::expected<SampleTail, LineFault> parse_tail(const char* text, const char* end, ExpositionFormat format);

/// A line that begins with '#'.
struct CommentLine {
  enum class Kind : std::uint8_t { other, help, type, unit, eof } kind = Kind::other;
  std::string_view name;
  std::string_view text;  ///< of HELP, TYPE and UNIT, as written
};
std::expected<CommentLine, LineFault> parse_comment(std::string_view line, ExpositionFormat format);

}  // namespace sentinella::codec
