// The short expressions of GAUGE rules. Grammar (spaces are free between tokens):
//   expr     = term [ "/" divisor ]
//   term     = aggregate "(" selector [ "[" duration "]" ] ")" | selector
//   divisor  = "last" "(" name ")" | name
//   selector = name [ "{" [ matcher { "," matcher } ] "}" ]
//   matcher  = name ( "=" | "!=" | "=~" | "!~" ) '"' text '"'          (\" and \\ inside)
//   aggregate = "last" | "avg" | "min" | "max" | "sum" | "count" | "rate"
// All but last need a window; last takes none. A regex is RE2, anchored at both ends.
#pragma once

#include <string_view>

#include "base/result.h"
#include "rules/rule.h"

namespace sentinella::rules {

/// Sets aggregate, metric, matchers, window and divisor_metric of a rule. The error says at which character.
Result<GaugeRule> parse_gauge_expression(std::string_view text);

struct Threshold {
  GaugeRule::Compare compare = GaugeRule::Compare::above;
  double value = 0;
};
/// "> 1.5", ">= 2", "< 0.1", "<= 3".
Result<Threshold> parse_threshold(std::string_view text);
std::string_view to_string(GaugeRule::Compare compare);
std::string_view to_string(GaugeRule::Aggregate aggregate);

}  // namespace sentinella::rules
