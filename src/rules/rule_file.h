// YAML <-> Rule. Unknown keys are errors with the nearest known name; every error has line and key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/rule.h"

namespace sentinella::rules {

struct RuleText {
  Rule rule;
  std::string yaml;  ///< the item alone, as written
};

/// A whole file: `sentinella_rules:` with a list. kInvalid: "line 7, rule compute-cpu: unknown key ...".
Result<std::vector<RuleText>> parse_rule_file(std::string_view yaml);
/// One list item (with or without the leading dash).
Result<Rule> parse_rule(std::string_view yaml);

}  // namespace sentinella::rules
