#include "api/native/related_changes.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "api/native/render.h"
#include "api/native/service_map.h"
#include "rules/rule_engine.h"

namespace sentinella::api::native {
namespace {

/// So many of the newest of all hosts are looked through for those that matter.
constexpr std::size_t kLookedThrough = 2000;
/// A story of more hosts is asked about these; the others' changes are found among all.
constexpr std::size_t kAskedHosts = 32;

/// Of no host, and able to break something: of what people arrange here only rules decide what is an alert.
bool concerns_everything(const Event& event) {
  return event.host.empty() && (!event.type.starts_with("audit.") || event.type.starts_with("audit.rules."));
}

std::set<std::string> hosts_of(std::span<const Scene> scenes) {
  std::set<std::string> hosts;
  for (const Scene& scene : scenes)
    if (!scene.host.empty()) hosts.insert(scene.host);
  return hosts;
}

/// Further hosts that the scenes' services need, each with the service there that is needed most.
std::map<std::string, std::string> needed_hosts(const Context& server, AccountId account,
                                                std::span<const Scene> scenes,
                                                const std::set<std::string>& own) {
  std::set<std::string_view> services;
  std::vector<Need> needs;
  for (const Scene& scene : scenes)
    if (services.insert(scene.service).second)
      std::ranges::move(needs_of(scene.service), std::back_inserter(needs));
  std::map<std::string, std::string> hosts;
  if (needs.empty()) return hosts;
  const auto running = server.rules.services(account);
  for (const Need& need : needs)
    for (const rules::ServiceState& state : running)
      if (!need.same_host && is_named(state.service, need.service) && !own.contains(state.host) &&
          state.status != rules::CheckStatus::not_here)
        hosts.emplace(state.host, state.service);
  return hosts;
}

}  // namespace

Result<RelatedChanges> related_changes(const Context& server, AccountId account,
                                       std::span<const Scene> scenes, TimeRange range, std::size_t limit) {
  RelatedChanges found;
  std::vector<RelatedChange> own, needed, of_no_host;
  std::set<std::string> seen;
  events::EventQuery query;
  query.range = range;
  query.changes_only = true;
  const auto hosts = hosts_of(scenes);
  query.limit = limit;
  for (std::size_t asked = 0; const std::string& host : hosts) {
    if (asked++ == kAskedHosts) break;
    query.host = host;
    SENT_TRY_ASSIGN(auto page, server.events.search(account, query));
    found.truncated = found.truncated || !page.next_cursor.empty();
    for (Event& event : page.events)
      if (seen.insert(event.id).second) own.push_back({std::move(event), "same host"});
  }
  query.host.clear();
  query.limit = kLookedThrough;
  SENT_TRY_ASSIGN(auto page, server.events.search(account, query));
  found.truncated = found.truncated || !page.next_cursor.empty();
  const auto others = needed_hosts(server, account, scenes, hosts);
  for (Event& event : page.events) {
    if (seen.contains(event.id)) continue;
    if (concerns_everything(event)) {
      of_no_host.push_back({std::move(event), "whole cloud"});
    } else if (hosts.contains(event.host)) {
      own.push_back({std::move(event), "same host"});
    } else if (const auto host = others.find(event.host); host != others.end()) {
      needed.push_back({std::move(event), "on a host it needs: " + host->second});
    }
  }
  std::ranges::stable_sort(own, std::greater(), [](const RelatedChange& one) { return one.event.time; });
  for (auto* group : {&own, &needed, &of_no_host}) std::ranges::move(*group, std::back_inserter(found.items));
  found.truncated = found.truncated || found.items.size() > limit;
  if (found.items.size() > limit) found.items.resize(limit);
  return found;
}

void write_related_changes(JsonWriter& json, std::span<const RelatedChange> changes) {
  json.array();
  for (const auto& [event, why] : changes) {
    json.object();
    write_event_fields(json, event);
    json.field("why", why).end();
  }
  json.end();
}

}  // namespace sentinella::api::native
