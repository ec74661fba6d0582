// What the routes about rules share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/json.h"
#include "rules/lint.h"
#include "rules/rule_file.h"

namespace sentinella::api::native {

/// One item, or a whole file that has one.
Result<rules::RuleText> read_item(const std::string& yaml);
/// The account's rules that are switched on; what this version does not read is left out.
Result<std::vector<rules::Rule>> enabled_rules(const Context& server, AccountId account);
inline Result<std::vector<rules::Rule>> enabled_rules(const RequestContext& call) {
  return enabled_rules(call.server, call.caller.account);
}
/// What the account's store has, for lints.
Result<rules::LintFacts> lint_facts(const Context& server, AccountId account);
inline Result<rules::LintFacts> lint_facts(const RequestContext& call) {
  return lint_facts(call.server, call.caller.account);
}
void write_finding(JsonWriter& json, const rules::Finding& finding);

}  // namespace sentinella::api::native
