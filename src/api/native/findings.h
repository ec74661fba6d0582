// Everything that husbandry finds in an account, and the run of every night that remembers it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/context.h"
#include "rules/lint.h"

namespace sentinella::api::native {

/// What became of the rules' alerts since then, and when each was edited.
Result<std::map<std::string, rules::RuleRecord>> rule_records(const Context& server, AccountId account,
                                                              Time since);
/// By texts, by 30 days of alerts, and by who can be reached; the gravest first.
Result<std::vector<rules::Finding>> all_findings(const Context& server, AccountId account);

/// Once a night for every account: keeps the findings, and says in the history of changes what is new. What
/// fails is logged. Call it every hour or so, from a thread that may wait.
void lint_nightly(const Context& server);

}  // namespace sentinella::api::native
