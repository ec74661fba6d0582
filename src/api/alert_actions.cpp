#include "api/alert_actions.h"

#include "catalog/alerting.h"
#include "catalog/policy.h"
#include "notify/policy.h"

namespace sentinella::api {
namespace {

Result<void> check_on_call(const Context& server, const Caller& caller, const std::string& alert_id) {
  return server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const Alert alert, catalog::find_alert(tx, caller.account, alert_id));
    if (alert.tier != Tier::page) return {};
    SENT_TRY_ASSIGN(const auto items, catalog::list_policy(tx, caller.account, "rota"));
    const notify::Policy policy = notify::read_policy(items);
    const Time now = server.clock.now();
    if (policy.may_acknowledge(caller.name, now)) return {};
    std::string names;
    for (const notify::Rota& rota : policy.rotas)
      if (const auto* member = rota.on_call(now)) names += (names.empty() ? "" : ", ") + member->person;
    return fail(Errc::kForbidden, "only who is on call acknowledges a page: {}", names);
  });
}

}  // namespace

Result<Alert> perform(Context& server, const Caller& caller, const std::string& alert_id,
                      alerts::ActionRequest request) {
  if (request.action == alerts::Action::ack) SENT_TRY(check_on_call(server, caller, alert_id));
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

}  // namespace sentinella::api
