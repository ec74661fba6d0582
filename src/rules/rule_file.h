// YAML <-> Rule. Unknown keys are errors with the nearest known name; every error has line and key.
//
// A text is either ours (a list `sentinella_rules:`) or Prometheus' (a list `groups:`, prometheus.io/docs,
// "Recording rules", "Alerting rules"), or has both. What is stored, edited and switched off on its own is an
// item: a rule of ours, or a whole group of Prometheus', whose rules run one after the other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/rule.h"

namespace sentinella::rules {

struct RuleText {
  std::string id;           ///< of the rule; "group.NAME" of a group
  std::vector<Rule> rules;  ///< one, or a group's in their order
  std::string yaml;         ///< the item alone, as written
};

/// A whole file. kInvalid: "line 7, rule compute-cpu: unknown key ...".
Result<std::vector<RuleText>> parse_rule_file(std::string_view yaml);
/// One item, with or without the leading dash.
Result<RuleText> parse_rule_item(std::string_view yaml);
/// One item that is a rule of ours.
Result<Rule> parse_rule(std::string_view yaml);

}  // namespace sentinella::rules
