#include "api/native/alert_changes.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "api/native/service_map.h"
#include "rules/rule_engine.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMostChanges = 20;
/// So many of the newest of all hosts are looked through for those that matter.
constexpr std::size_t kLookedThrough = 2000;
constexpr Duration kBeforeAlert = std::chrono::hours(2);

events::EventQuery query_before(const Alert& alert) {
  events::EventQuery query;
  query.range = {alert.create_time - kBeforeAlert, alert.create_time + Duration(1)};
  query.changes_only = true;
  return query;
}

/// Of no host, and able to break something: of what people arrange here only rules decide what is an alert.
bool concerns_everything(const Event& event) {
  return event.host.empty() && (!event.type.starts_with("audit.") || event.type.starts_with("audit.rules."));
}

/// Other hosts that the alert's service needs, each with the service there that is needed most.
std::map<std::string, std::string> needed_hosts(const Context& server, const Alert& alert) {
  std::map<std::string, std::string> hosts;
  const auto needs = needs_of(alert.service);
  if (needs.empty()) return hosts;
  const auto services = server.rules.services(alert.account);
  for (const Need& need : needs)
    for (const rules::ServiceState& state : services)
      if (!need.same_host && is_named(state.service, need.service) && state.host != alert.host &&
          state.status != rules::CheckStatus::not_here)
        hosts.emplace(state.host, state.service);
  return hosts;
}

}  // namespace

Result<std::vector<ChangeBefore>> changes_before(const Context& server, const Alert& alert) {
  std::vector<ChangeBefore> found, needed, of_no_host;
  if (!alert.host.empty()) {
    events::EventQuery own = query_before(alert);
    own.host = alert.host;
    own.limit = kMostChanges;
    SENT_TRY_ASSIGN(auto page, server.events.search(alert.account, own));
    for (Event& event : page.events) found.push_back({std::move(event), "same host"});
  }
  events::EventQuery all = query_before(alert);
  all.limit = kLookedThrough;
  SENT_TRY_ASSIGN(auto page, server.events.search(alert.account, all));
  const auto hosts = needed_hosts(server, alert);
  for (Event& event : page.events) {
    if (concerns_everything(event)) {
      of_no_host.push_back({std::move(event), "whole cloud"});
    } else if (const auto host = hosts.find(event.host); host != hosts.end()) {
      needed.push_back({std::move(event), "on a host it needs: " + host->second});
    }
  }
  std::ranges::move(needed, std::back_inserter(found));
  std::ranges::move(of_no_host, std::back_inserter(found));
  if (found.size() > kMostChanges) found.resize(kMostChanges);
  return found;
}

}  // namespace sentinella::api::native
