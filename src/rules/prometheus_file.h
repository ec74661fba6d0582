// A group of a Prometheus rule file (version 2.42 and the keys that came later), read into rules: alerts
// become GAUGE rules of one level whose expression is PromQL; an element that is gone has resolved, as there.
#pragma once

#include <string>
#include <vector>

#include "rules/rule.h"
#include "rules/yaml_section.h"

namespace sentinella::rules {

struct RuleGroup {
  std::string id;  ///< "group." and the name, in letters that a path may have
  std::vector<Rule> rules;
};
Result<RuleGroup> read_group(const YAML::Node& node);

/// What we make of the label `severity`: critical, page -> critical; error, high -> major; info ->
/// informational; others warning.
AlertSeverity severity_of_label(std::string_view label);
/// The label `tier`, else by severity: critical pages, informational tells nobody.
Tier tier_of_labels(const Labels& labels, AlertSeverity severity);

}  // namespace sentinella::rules
