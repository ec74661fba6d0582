// New rules that page: on trial, until somebody on call has approved them and their time is over
// (notify/policy.h).
#pragma once

#include <string>
#include <vector>

#include "api/context.h"
#include "base/json.h"
#include "notify/policy.h"
#include "rules/rule.h"

namespace sentinella::api::native {

/// Within the transaction that stores an edit: those that page and did not before go on trial, those that do
/// not page any more leave it. `before`: the rules of the text that was replaced.
Result<void> begin_trials(catalog::Transaction& tx, const RequestContext& call,
                          const std::vector<rules::Rule>& before, const std::vector<rules::Rule>& after);
Result<std::vector<notify::Trial>> trials_of(const RequestContext& call);
/// The rule, or every one of the group, that the request's path names. `at_once`: its time is over, too; for
/// admins. kForbidden: the caller is not on call, or its author; kNotFound: none of them is on trial.
Result<void> approve_rule(RequestContext& call, bool at_once);
/// null, or of the first of the rules that is on trial.
void write_trial(JsonWriter& json, const std::vector<rules::Rule>& rules,
                 const std::vector<notify::Trial>& trials);

}  // namespace sentinella::api::native
