#include "api/native/uptime_table.h"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <set>

#include "api/native/rule_lookup.h"
#include "catalog/inventory.h"
#include "catalog/policy.h"
#include "catalog/rule_history.h"
#include "catalog/states.h"
#include "notify/mute_windows.h"

namespace sentinella::api::native {
namespace {

/// An outage may be of an alert that is older than the span.
constexpr Duration kEpisodesBefore = std::chrono::hours(24 * 30);
constexpr std::size_t kMaxKnown = 200;

/// The time that an alert stood once.
struct Episode {
  std::string alert_id;
  TimeRange range;  ///< until zero = it stands
};
using Episodes = std::map<std::string, std::vector<Episode>>;  ///< by resource

struct Facts {
  std::vector<catalog::StoredState> states;
  std::vector<notify::Mute> maintenances;
  std::map<std::string, std::string> clouds;  ///< by host
  Episodes episodes;
};

/// Of the alerts of rules that watch whether something is there.
Episodes episodes_of(const std::vector<catalog::RuleHistoryEntry>& history,
                     const std::vector<rules::Rule>& all) {
  std::set<std::pair<std::string, std::string>> watching;  // rule, event
  for (const rules::Rule& rule : all)
    if (rule.kind() == "binary") watching.emplace(rule.id, rule.event);
  Episodes out;
  for (const catalog::RuleHistoryEntry& entry : history) {
    if (!watching.contains({entry.rule_id, entry.event})) continue;
    auto& episodes = out[entry.resource];
    const bool stands = !episodes.empty() && episodes.back().alert_id == entry.alert_id &&
                        episodes.back().range.until == Time{};
    if (entry.type == "new" || entry.type == "open") {
      if (!stands) episodes.push_back({entry.alert_id, {entry.time, {}}});
    } else if (stands && (entry.type == "close" || entry.type == "expired")) {
      episodes.back().range.until = entry.time;
    }
  }
  return out;
}

Result<Facts> read_facts(const Context& server, const UptimeQuery& asked) {
  Facts out;
  std::vector<catalog::RuleHistoryEntry> history;
  SENT_TRY(server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    const AccountId account = asked.account;
    SENT_TRY_ASSIGN(out.states, catalog::list_states(tx, account, asked.range, asked.host));
    SENT_TRY_ASSIGN(const auto maintenances, catalog::list_policy(tx, account, "maintenance"));
    for (const catalog::PolicyItem& item : maintenances)
      if (auto mute = notify::read_mute(item)) out.maintenances.push_back(*std::move(mute));
    SENT_TRY_ASSIGN(const auto nodes, catalog::list_nodes(tx, account));
    SENT_TRY_ASSIGN(const auto clouds, catalog::list_clouds(tx, account));
    for (const Node& node : nodes)
      for (const Cloud& cloud : clouds)
        if (node.cloud_id == cloud.id) out.clouds[node.host] = cloud.name;
    SENT_TRY_ASSIGN(history, catalog::rule_history(tx, account, asked.range.from - kEpisodesBefore));
    return {};
  }));
  SENT_TRY_ASSIGN(const auto rules, enabled_rules(server, asked.account));
  out.episodes = episodes_of(history, rules);
  return out;
}

/// What the maintenances of a service or host cover, as they would an alert about it.
std::vector<TimeRange> planned_for(const Facts& facts, const catalog::StoredState& state,
                                   const std::string& cloud, TimeRange range) {
  Alert alert;
  alert.host = state.host;
  alert.service = state.service;
  alert.resource = state.service.empty() ? state.host : state.host + "/" + state.service;
  alert.event = state.service.empty() ? "AgentSilent" : "ServiceDown";
  alert.environment = cloud;
  std::vector<TimeRange> out;
  for (const notify::Mute& mute : facts.maintenances)
    if (mute.matchers.match(alert)) std::ranges::move(windows_within(mute, range), std::back_inserter(out));
  return out;
}

/// The alert that stood during an outage; of several the last.
std::string alert_of(const Episodes& episodes, const std::string& resource, TimeRange outage) {
  const auto found = episodes.find(resource);
  if (found == episodes.end()) return "";
  std::string id;
  for (const Episode& one : found->second) {
    const bool before = one.range.until != Time{} && one.range.until < outage.from;
    const bool after = outage.until != Time{} && one.range.from > outage.until;
    if (!before && !after) id = one.alert_id;
  }
  return id;
}

void add(UptimeRow& row, const rules::Uptime& one) {
  row.sum += one;
  const Time since = one.down_since();
  if (since != Time{} && (row.down_since == Time{} || since < row.down_since)) row.down_since = since;
}

void add_up(UptimeTable& table, const Facts& facts, const UptimeQuery& asked,
            const std::vector<rules::StateChange>& changes, const std::string& cloud) {
  const auto& [host, service, status, at] = changes.front();
  const rules::Uptime one = rules::uptime_of(
      changes, asked.range, planned_for(facts, {{}, host, service, "", at}, cloud, asked.range));
  UptimeRow& row = service.empty() ? table.nodes[{cloud, host}] : table.services[service];
  add(row, one);
  const std::string resource = service.empty() ? host : host + "/" + service;
  for (const TimeRange& outage : one.outages)
    row.incidents.push_back({alert_of(facts.episodes, resource, outage), host, outage});
  if (service.empty()) return;
  add(table.clouds[cloud], one);
  add(table.whole, one);
}

UptimeTable make_table(const Facts& facts, const UptimeQuery& asked) {
  UptimeTable table;
  for (auto at = facts.states.begin(); at != facts.states.end();) {
    std::vector<rules::StateChange> changes;
    const std::string& host = at->host;
    const std::string& service = at->service;
    for (; at != facts.states.end() && at->host == host && at->service == service; ++at)
      changes.push_back({at->host, at->service, rules::parse_check_status(at->status), at->at});
    const auto known = facts.clouds.find(changes.front().host);
    const std::string cloud = known == facts.clouds.end() ? std::string(kUnnamedCloud) : known->second;
    if (asked.cloud.empty() || asked.cloud == cloud) add_up(table, facts, asked, changes, cloud);
  }
  return table;
}

}  // namespace

void write_known(JsonWriter& json, const rules::Uptime& of) {
  json.key("known").array();
  for (const TimeRange& one : of.known | std::views::drop(std::max(of.known.size(), kMaxKnown) - kMaxKnown))
    json.object().field("from", one.from).field("to", one.until).end();
  json.end();
}

Result<UptimeTable> read_uptime(const Context& server, const UptimeQuery& asked) {
  SENT_TRY_ASSIGN(const Facts facts, read_facts(server, asked));
  return make_table(facts, asked);
}

}  // namespace sentinella::api::native
