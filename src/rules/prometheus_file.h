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

}  // namespace sentinella::rules
