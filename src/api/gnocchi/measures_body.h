// The bodies that carry measures, read in one pass.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/gnocchi/problem.h"
#include "base/time.h"

namespace sentinella::api::gnocchi {

/// Measures of one metric: rows [first, first + count) of their body.
struct MeasureGroup {
  std::string resource;  ///< as the sender calls it; "" when the metric is named by its id
  std::string metric;    ///< id or name
  std::optional<std::string> policy, unit;
  std::size_t first = 0, count = 0;
};

struct MeasureBody {
  std::vector<MeasureGroup> groups;  ///< in the order of the body
  std::vector<Time> times;
  std::vector<double> values;
};

inline constexpr std::size_t kMaxMeasures = 2'000'000;

/// [{"timestamp": t, "value": v} ...]: one group without names. All timestamps of a list must be of one kind
/// (time_text.h), and none before 1970; a value is a number, a text that is one, or true or false. A problem
/// of one measure refuses the whole body. `body` grows for the parser's sake.
Outcome<MeasureBody> read_measures(std::string& body, Time now);
/// {"<metric id>": [...] ...}
Outcome<MeasureBody> read_metric_batch(std::string& body, Time now);
/// {"<resource>": {"<metric name>": [...] or {"measures": [...], "archive_policy_name": ..., "unit": ...}}}
Outcome<MeasureBody> read_resource_batch(std::string& body, Time now);

}  // namespace sentinella::api::gnocchi
