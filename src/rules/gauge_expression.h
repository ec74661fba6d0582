// The short expressions of GAUGE rules. Grammar (spaces are free between tokens):
//   expr     = term [ "/" divisor ]
//   term     = aggregate "(" selector [ "[" duration "]" ] [ "/" divisor ] ")"
//            | "predict" "(" selector "[" duration "]" "," duration ")" | selector
//   divisor  = "last" "(" name ")" | name
//   selector = name [ "{" [ matcher { "," matcher } ] "}" ]
//   matcher  = name ( "=" | "!=" | "=~" | "!~" ) '"' text '"'          (\" and \\ inside)
//   aggregate = "last" | "avg" | "min" | "max" | "sum" | "count" | "rate" | "delta" | "deriv" | "p" 1*2DIGIT
// All but last need a window; last takes none. A regex is RE2, anchored at both ends. Names may have dots:
// those of the table of aliases (cpu.load1, fact.cpu_count ...) stand for ours, other dots for underscores.
//
// last to rate are evaluated on every write; delta, deriv, pNN and predict look at long windows and become
// PromQL (GaugeRule::promql).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "rules/rule.h"

namespace sentinella::rules {

/// Sets aggregate, metric, matchers, window and divisor_metric of a rule, or promql. `window`: of an
/// aggregate without one of its own; zero = none. The error says at which character.
Result<GaugeRule> parse_gauge_expression(std::string_view text, Duration window = {});

/// What a number of a rule is measured in, as far as its text tells.
enum class Unit : std::uint8_t { none, ratio, bytes, seconds };
std::string_view to_string(Unit unit);
/// By the last word of the metric's name: _bytes, _seconds, _ratio.
Unit unit_of_metric(std::string_view name);

struct Threshold {
  GaugeRule::Compare compare = GaugeRule::Compare::above;
  double value = 0;
  Unit unit = Unit::none;
};
/// "> 1.5", ">= 2", "< 0.1", "<= 3", "== 1", "!= 0"; numbers may have a unit: "> 85%", "< 2GiB", "> 100ms",
/// "> 1h".
Result<Threshold> parse_threshold(std::string_view text);
std::string_view to_string(GaugeRule::Compare compare);
std::string_view to_string(GaugeRule::Aggregate aggregate);

/// The rule's value as PromQL: what the API draws and tests against history ask. Equal to what the watch
/// computes up to the pooling of several series of one instance, which becomes an aggregation.
std::string to_promql(const GaugeRule& rule);

/// The metric with its matchers, as PromQL has them: name{label="value"}.
std::string selector_text(const GaugeRule& rule);

/// Our name for a dotted or an old one: "cpu.load1" -> "host_load1", "hostname" -> "host".
std::string resolve_alias(std::string_view name);

}  // namespace sentinella::rules
