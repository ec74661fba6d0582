#include "api/alert_actions.h"

#include <utility>

#include "api/alert_owner.h"
#include "catalog/alerting.h"
#include "catalog/policy.h"
#include "notify/policy.h"

namespace sentinella::api {
namespace {

Result<void> check_on_call(const notify::Policy& policy, const Caller& caller, Time now) {
  if (policy.may_acknowledge(caller.name, now)) return {};
  std::string names;
  for (const notify::Rota& rota : policy.rotas)
    if (const auto* member = rota.on_call(now)) names += (names.empty() ? "" : ", ") + member->person;
  return fail(Errc::kForbidden, "only who is on call acknowledges a page or puts it aside: {}", names);
}

/// What nobody is told of meanwhile ends at last, and of a page only who is on call may say so.
Result<void> take_in_hand(const Context& server, const Caller& caller, const std::string& alert_id,
                          alerts::ActionRequest& request) {
  const bool shelves = request.action == alerts::Action::shelve;
  if (!shelves && request.action != alerts::Action::ack) return {};
  return server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const Alert alert, catalog::find_alert(tx, caller.account, alert_id));
    SENT_TRY_ASSIGN(auto items, catalog::list_policy(tx, caller.account, "settings"));
    if (alert.tier == Tier::page) {
      SENT_TRY_ASSIGN(const auto rotas, catalog::list_policy(tx, caller.account, "rota"));
      items.insert(items.end(), rotas.begin(), rotas.end());
    }
    const notify::Policy policy = notify::read_policy(items);
    if (policy.tier_of(alert) == Tier::page) SENT_TRY(check_on_call(policy, caller, server.clock.now()));
    const Duration expiry = shelves ? policy.settings.shelve_expiry : policy.settings.ack_expiry;
    if (request.timeout == Duration{}) request.timeout = expiry;
    return {};
  });
}

}  // namespace

Result<void> name_owner(const Context& server, const Caller& caller, alerts::ActionRequest& request) {
  if (request.action != alerts::Action::assign) return {};
  request.owner = owner_named(caller, request.owner);
  return server.database.read(
      [&](catalog::Transaction& tx) { return check_owner(tx, caller, request.owner); });
}

Result<Alert> perform(Context& server, const Caller& caller, const std::string& alert_id,
                      alerts::ActionRequest request) {
  SENT_TRY(name_owner(server, caller, request));
  return perform_named(server, caller, alert_id, std::move(request));
}

Result<Alert> perform_named(Context& server, const Caller& caller, const std::string& alert_id,
                            alerts::ActionRequest request) {
  SENT_TRY(take_in_hand(server, caller, alert_id, request));
  request.user = caller.name;
  const Time now = server.clock.now();
  auto done =
      server.alerts.act(caller.account, alert_id, request, now,
                        [&](catalog::Transaction& tx, const std::vector<Notification>& notifications) {
                          return server.desk.take(tx, notifications, now);
                        });
  if (!done) {
    server.desk.rolled_back();
    return std::unexpected(done.error());
  }
  server.notifier.wake();
  const auto& [alert, notifications] = *done;
  const bool told =
      !notifications.empty() && notifications.back().transition != Notification::Transition::status;
  server.live.publish_alert(
      alert, told ? to_string(notifications.back().transition) : alerts::to_string(request.action));
  return alert;
}

std::string note_id(const AlertHistory& note) {
  return to_rfc3339(note.time);
}

Result<Alert> change_note(Context& server, const Caller& caller, const std::string& alert_id,
                          const std::string& note, const std::optional<std::string>& text) {
  const auto of = parse_rfc3339(note);
  if (!of) return fail(Errc::kNotFound, "the alert has no such note");
  SENT_TRY_ASSIGN(Alert alert, server.alerts.change_note(caller.account, alert_id, *of, text,
                                                         caller.role == Role::admin ? "" : caller.name));
  server.live.publish_alert(alert, "note");
  return alert;
}

}  // namespace sentinella::api
