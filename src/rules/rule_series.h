// Series of our own through which results of PromQL rules travel: written to the journal by RuleQueries, read
// by GaugeWatch, kept in the store like any other, so that a rule's value over time can be drawn and tested
// against.
#pragma once

#include <string_view>

namespace sentinella::rules {

/// The label that names the rule.
inline constexpr std::string_view kRuleLabel = "sentinella_rule";
/// An element of the expression's result, with its labels but the name. Of a rule with a season: how many
/// times the usual spread it is away from what is usual.
inline constexpr std::string_view kRuleValue = "sentinella_rule_value";
/// How many elements the evaluation gave, at its instant, after them; below zero: it failed.
inline constexpr std::string_view kRuleElements = "sentinella_rule_elements";
/// Of a rule with a season, in the expression's own unit; label `bound`: value, usual, lower, upper.
inline constexpr std::string_view kRuleBand = "sentinella_rule_band";

}  // namespace sentinella::rules
