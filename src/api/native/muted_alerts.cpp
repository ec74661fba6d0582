#include "api/native/muted_alerts.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/native/catalog_access.h"
#include "catalog/alerting.h"
#include "catalog/policy.h"

namespace sentinella::api::native {
namespace {

/// The ids become parameters of a statement, of which SQLite takes some 32,000.
constexpr std::size_t kMostMuted = 10'000;
/// Compared with the mutes, newest first.
constexpr std::size_t kMostReturned = 10'000;

bool knows_returned(const RequestContext& call) {
  return call.server.alerts.model() == alerts::AlarmModel::Name::isa_18_2;
}

}  // namespace

Result<ActiveMutes> ActiveMutes::read(const RequestContext& call) {
  SENT_TRY_ASSIGN(const auto items, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_policy(tx, call.caller.account, "");
                  }));
  const Time now = call.server.clock.now();
  notify::Policy policy = notify::read_policy(items);
  ActiveMutes out;
  for (notify::Mute& mute : policy.mutes)
    if (const auto window = mute.window(now)) out.mutes_.push_back({std::move(mute), window->until});
  return out;
}

bool ActiveMutes::hide(const Alert& alert) const {
  return std::ranges::any_of(mutes_, [&](const Active& one) { return one.mute.matchers.match(alert); });
}

Time ActiveMutes::until(const Alert& alert) const {
  Time first;
  for (const Active& one : mutes_)
    if (one.mute.matchers.match(alert) && (first == Time{} || one.until < first)) first = one.until;
  return first;
}

std::string_view ActiveMutes::planned(const std::string& host, const std::string& cloud) const {
  // What hides an alert of the node that names no service is about all of it.
  Alert alert;
  alert.host = alert.resource = host;
  alert.environment = cloud.empty() ? std::string(alerts::kNoCloud) : cloud;
  for (const Active& one : mutes_)
    if (one.mute.kind != "silence" && one.mute.matchers.match(alert)) return one.mute.kind;
  return "";
}

Result<std::optional<std::map<std::string, ReturnedAlarms>>> count_returned(const RequestContext& call,
                                                                            const ActiveMutes& mutes) {
  std::map<std::string, ReturnedAlarms> out;
  if (!knows_returned(call)) return std::nullopt;
  SENT_TRY(read_catalog(call.server.database, [&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto counts, catalog::count_returned(tx, call.caller.account));
    for (const auto& [cloud, count] : counts) out[cloud].all = count;
    if (mutes.empty()) return {};
    SENT_TRY_ASSIGN(const auto newest, catalog::returned_alerts(tx, call.caller.account, kMostReturned));
    for (const Alert& alert : newest)
      if (mutes.hide(alert)) ++out[alert.environment].hidden;
    return {};
  }));
  return out;
}

Result<MutedAlerts> muted_alerts(const RequestContext& call) {
  MutedAlerts out;
  SENT_TRY_ASSIGN(const auto mutes, ActiveMutes::read(call));
  if (mutes.empty()) return out;
  std::vector<Alert> listed = call.server.alerts.live(call.caller.account);
  if (knows_returned(call)) {
    SENT_TRY_ASSIGN(auto returned, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                      return catalog::returned_alerts(tx, call.caller.account, kMostReturned);
                    }));
    std::ranges::move(returned, std::back_inserter(listed));
  }
  for (const Alert& alert : listed) {
    const Time until = mutes.until(alert);
    if (until == Time{}) continue;
    if (out.until == Time{} || until < out.until) out.until = until;
    out.ids.push_back(alert.id);
    if (out.ids.size() == kMostMuted) break;
  }
  return out;
}

}  // namespace sentinella::api::native
