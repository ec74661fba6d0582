#include "api/native/rule_trials.h"

#include <algorithm>

#include "api/native/catalog_access.h"
#include "catalog/alerting.h"
#include "catalog/policy.h"
#include "rules/rule_file.h"

namespace sentinella::api::native {
namespace {

bool pages(const std::vector<rules::Rule>& rules, const std::string& id) {
  const auto found = std::ranges::find(rules, id, &rules::Rule::id);
  return found != rules.end() && found->tier == Tier::page && found->kind() != "recording";
}

catalog::PolicyItem item_of(AccountId account, const notify::Trial& trial) {
  catalog::PolicyItem item;
  item.account = account;
  item.kind = notify::kTrialKind;
  item.id = trial.rule_id;
  item.starts = item.created = trial.starts;
  item.ends = trial.ends;
  item.created_by = trial.by;
  item.body =
      JsonWriter().object().field("by", trial.by).field("approved_by", trial.approved_by).end().take();
  return item;
}

Result<void> drop(catalog::Transaction& tx, AccountId account, const std::string& rule_id) {
  const auto gone = catalog::delete_policy(tx, account, std::string(notify::kTrialKind), rule_id);
  return gone || gone.error().code == Errc::kNotFound ? Result<void>() : gone;
}

/// With a rota who is on call; never the author, but for an admin.
Result<void> check_may_approve(const Caller& caller, const notify::Policy& policy, const notify::Trial& trial,
                               Time now) {
  if (!policy.may_acknowledge(caller.name, now))
    return fail(Errc::kForbidden, "only who is on call approves a rule that pages");
  if (trial.by == caller.name && caller.role < Role::admin)
    return fail(Errc::kForbidden, "{} wrote the rule {}: somebody else approves it, or an admin", trial.by,
                trial.rule_id);
  return {};
}

}  // namespace

Result<void> begin_trials(catalog::Transaction& tx, const RequestContext& call,
                          const std::vector<rules::Rule>& before, const std::vector<rules::Rule>& after) {
  const AccountId account = call.caller.account;
  SENT_TRY_ASSIGN(const auto settings, catalog::list_policy(tx, account, "settings"));
  const Duration length = notify::read_policy(settings).settings.trial;
  for (const rules::Rule& rule : before)
    if (!pages(after, rule.id)) SENT_TRY(drop(tx, account, rule.id));
  if (length <= Duration::zero()) return {};
  for (const rules::Rule& rule : after)
    if (pages(after, rule.id) && !pages(before, rule.id))
      SENT_TRY(catalog::put_policy(
          tx, item_of(account, {rule.id, call.caller.name, "", call.server.clock.now(), Time{}})));
  return {};
}

Result<std::vector<notify::Trial>> trials_of(const RequestContext& call) {
  SENT_TRY_ASSIGN(const auto items, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_policy(tx, call.caller.account, std::string(notify::kTrialKind));
                  }));
  auto trials = notify::read_policy(items).trials;
  std::erase_if(trials, [&](const notify::Trial& one) { return !one.holds(call.server.clock.now()); });
  return trials;
}

Result<void> approve_rule(RequestContext& call, bool at_once) {
  if (at_once && call.caller.role < Role::admin)
    return fail(Errc::kForbidden, "approve:now ends a trial before its time: an admin may");
  const AccountId account = call.caller.account;
  const Time now = call.server.clock.now();
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto stored, catalog::find_rule(tx, account, call.path_value("id")));
    SENT_TRY_ASSIGN(const auto item, rules::parse_rule_item(stored.yaml));
    SENT_TRY_ASSIGN(const auto items, catalog::list_policy(tx, account, ""));
    const notify::Policy policy = notify::read_policy(items);
    std::size_t found = 0;
    for (const rules::Rule& rule : item.rules) {
      const notify::Trial* const known = policy.trial(rule.id);
      if (known == nullptr || !known->holds(now)) continue;
      ++found;
      notify::Trial trial = *known;
      SENT_TRY(check_may_approve(call.caller, policy, trial, now));
      trial.approved_by = call.caller.name;
      trial.ends = trial.starts + policy.settings.trial;
      SENT_TRY(at_once || trial.ends <= now ? drop(tx, account, rule.id)
                                            : catalog::put_policy(tx, item_of(account, trial)));
    }
    if (found == 0) return fail(Errc::kNotFound, "no rule of {} is on trial", stored.id);
    return {};
  }));
  return call.server.policy_changed ? call.server.policy_changed() : Result<void>();
}

void write_trial(JsonWriter& json, const std::vector<rules::Rule>& rules,
                 const std::vector<notify::Trial>& trials) {
  json.key("trial");
  for (const notify::Trial& one : trials) {
    if (std::ranges::find(rules, one.rule_id, &rules::Rule::id) == rules.end()) continue;
    json.object()
        .field("since", one.starts)
        .field("by", one.by)
        .field("approved_by", one.approved_by)
        .key("until");
    if (one.ends == Time{}) {
      json.null();
    } else {
      json.value(one.ends);
    }
    json.end();
    return;
  }
  json.null();
}

}  // namespace sentinella::api::native
