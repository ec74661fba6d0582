// The language of Prometheus' promql/testdata/*.test (promql/README.md there): load, clear, eval.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/labels.h"

namespace sentinella::query::conformance {

/// Values at 0, one gap, two gaps ...; nullopt leaves one out.
struct SeriesLine {
  Labels labels;
  std::vector<std::optional<double>> values;
};

struct Clear {};

struct Load {
  std::int64_t gap_ms = 0;
  std::vector<SeriesLine> series;
};

struct Eval {
  std::size_t line = 0;  ///< from 1
  std::string query;
  std::int64_t at_ms = 0;
  bool must_fail = false;
  bool ordered = false;
  std::optional<double> scalar;
  std::vector<SeriesLine> series;  ///< with one value each
};

using Command = std::variant<Clear, Load, Eval>;

/// kInvalid names the line.
Result<std::vector<Command>> parse_script(std::string_view text);

}  // namespace sentinella::query::conformance
