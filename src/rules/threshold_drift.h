// Whether the series that a threshold is compared with are still what they were when somebody chose it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "query/engine.h"
#include "rules/lint.h"

namespace sentinella::rules {

inline constexpr Duration kOldThreshold = std::chrono::hours(24 * 365);

/// Of those of the rules that compare a metric and were not edited for a year; what has no samples of both
/// times is left out. Reads two days of each metric, until `limits` stops it.
std::map<std::string, Drift> threshold_drifts(const query::Source& source, const std::vector<Rule>& rules,
                                              const std::map<std::string, RuleRecord>& records, Time now,
                                              const query::Limits& limits);

}  // namespace sentinella::rules
