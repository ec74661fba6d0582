#include "rules/threshold_drift.h"

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "rules/gauge_expression.h"
#include "rules/rule_queries.h"

namespace sentinella::rules {
namespace {

constexpr std::string_view kDayText = "1d";

/// Over the series, of what each had in the day before `at`.
std::optional<std::vector<double>> quantiles(const query::Source& source, const GaugeRule& gauge,
                                             std::string_view quantile, Time at,
                                             const query::Limits& limits) {
  const auto expr = query::parse_expression(
      fmt::format("quantile_over_time({}, {}[{}])", quantile, selector_text(gauge), kDayText));
  if (!expr) return std::nullopt;
  const auto found = evaluate_rule(source, **expr, at.ns / 1'000'000, limits);
  if (!found) {
    log::warning("rules.lint", "cannot tell whether {} has moved: {}", gauge.metric, describe(found.error()));
    return std::nullopt;
  }
  std::vector<double> out;
  for (const RuleElement& one : *found) out.push_back(one.value);
  if (out.empty()) return std::nullopt;
  return out;
}

double middle(std::vector<double> values) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, at);
  return *at;
}

std::optional<Drift> drift_of(const query::Source& source, const GaugeRule& gauge, Time now,
                              const query::Limits& limits) {
  const Time then = now - kOldThreshold;
  const auto was = quantiles(source, gauge, "0.5", then, limits);
  if (!was) return std::nullopt;
  const auto is = quantiles(source, gauge, "0.5", now, limits);
  const auto low = quantiles(source, gauge, "0.25", then, limits);
  const auto high = quantiles(source, gauge, "0.75", then, limits);
  if (!is || !low || !high) return std::nullopt;
  return Drift{middle(*was), middle(*is), (middle(*high) - middle(*low)) / 2, is->size()};
}

}  // namespace

std::map<std::string, Drift> threshold_drifts(const query::Source& source, const std::vector<Rule>& rules,
                                              const std::map<std::string, RuleRecord>& records, Time now,
                                              const query::Limits& limits) {
  std::map<std::string, Drift> out;
  for (const Rule& rule : rules) {
    const GaugeRule* gauge = rule.gauge();
    const auto record = records.find(rule.id);
    if (gauge == nullptr || gauge->metric.empty() || gauge->season || record == records.end()) continue;
    if (record->second.edited == Time{} || now - record->second.edited < kOldThreshold) continue;
    if (const auto drift = drift_of(source, *gauge, now, limits)) out[rule.id] = *drift;
  }
  return out;
}

}  // namespace sentinella::rules
