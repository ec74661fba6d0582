// How long the clouds, their services and nodes were up, from the states that the rule engine recorded.
#include <algorithm>
#include <map>
#include <set>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/native/rule_lookup.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/text.h"
#include "catalog/inventory.h"
#include "catalog/policy.h"
#include "catalog/rule_history.h"
#include "catalog/states.h"
#include "notify/mute_windows.h"
#include "rules/uptime.h"

namespace sentinella::api::native {
namespace {

constexpr Duration kThirtyDays = std::chrono::hours(24 * 30);
constexpr std::size_t kMaxIncidents = 100;
constexpr std::string_view kUnnamedCloud = "Production";  ///< as alerts call it

struct Asked {
  TimeRange range;
  Time now;
  std::string cloud, host;  ///< "" = all
  double objective = 0;     ///< 0 = none
};

Result<Asked> read_query(const RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"from", "to", "cloud", "host", "objective"}));
  Asked out;
  out.now = call.server.clock.now();
  SENT_TRY_ASSIGN(out.range, query.range(out.now, kThirtyDays));
  out.range.until = std::min(out.range.until, out.now);
  out.cloud = query.text("cloud");
  out.host = query.text("host");
  if (const std::string text = query.text("objective"); !text.empty()) {
    const auto number = parse_double(text);
    if (!number || !(*number > 0 && *number < 1))
      return fail_field(Errc::kInvalid, "objective", "is \"{}\"; a share between 0 and 1 expected", text);
    out.objective = *number;
  }
  return out;
}

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

Result<Facts> read_facts(const RequestContext& call, const Asked& asked) {
  Facts out;
  std::vector<catalog::RuleHistoryEntry> history;
  SENT_TRY(call.server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    const AccountId account = call.caller.account;
    SENT_TRY_ASSIGN(out.states, catalog::list_states(tx, account, asked.range, asked.host));
    SENT_TRY_ASSIGN(const auto maintenances, catalog::list_policy(tx, account, "maintenance"));
    for (const catalog::PolicyItem& item : maintenances)
      if (auto mute = notify::read_mute(item)) out.maintenances.push_back(*std::move(mute));
    SENT_TRY_ASSIGN(const auto nodes, catalog::list_nodes(tx, account));
    SENT_TRY_ASSIGN(const auto clouds, catalog::list_clouds(tx, account));
    for (const Node& node : nodes)
      for (const Cloud& cloud : clouds)
        if (node.cloud_id == cloud.id) out.clouds[node.host] = cloud.name;
    SENT_TRY_ASSIGN(history, catalog::rule_history(tx, account, asked.range.from - kThirtyDays));
    return {};
  }));
  SENT_TRY_ASSIGN(const auto rules, enabled_rules(call));
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

struct Incident {
  std::string alert_id, host;
  TimeRange range;
};
struct Row {
  rules::Uptime sum;
  Time down_since;
  std::vector<Incident> incidents;
};
struct Table {
  Row whole;
  std::map<std::string, Row> clouds, services;
  std::map<std::pair<std::string, std::string>, Row> nodes;  ///< cloud, host
};

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

void add(Row& row, const rules::Uptime& one) {
  row.sum += one;
  const Time since = one.down_since();
  if (since != Time{} && (row.down_since == Time{} || since < row.down_since)) row.down_since = since;
}

void add_up(Table& table, const Facts& facts, const Asked& asked,
            const std::vector<rules::StateChange>& changes, const std::string& cloud) {
  const auto& [host, service, status, at] = changes.front();
  const rules::Uptime one = rules::uptime_of(
      changes, asked.range, planned_for(facts, {{}, host, service, "", at}, cloud, asked.range));
  Row& row = service.empty() ? table.nodes[{cloud, host}] : table.services[service];
  add(row, one);
  const std::string resource = service.empty() ? host : host + "/" + service;
  for (const TimeRange& outage : one.outages)
    row.incidents.push_back({alert_of(facts.episodes, resource, outage), host, outage});
  if (service.empty()) return;
  add(table.clouds[cloud], one);
  add(table.whole, one);
}

Table make_table(const Facts& facts, const Asked& asked) {
  Table table;
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

double seconds(Duration span) {
  return static_cast<double>(span.count()) / 1e9;
}

void write_time(JsonWriter& json, Time time) {
  if (time == Time{}) {
    json.null();
  } else {
    json.value(time);
  }
}

void write_number(JsonWriter& json, std::optional<double> number) {
  if (number) {
    json.value(*number);
  } else {
    json.null();
  }
}

void write_incidents(JsonWriter& json, std::vector<Incident> incidents) {
  std::ranges::stable_sort(incidents,
                           [](const Incident& a, const Incident& b) { return b.range.from < a.range.from; });
  if (incidents.size() > kMaxIncidents) incidents.resize(kMaxIncidents);
  json.key("incidents").array();
  for (const Incident& one : incidents) {
    json.object().key("alert_id");
    if (one.alert_id.empty()) {
      json.null();
    } else {
      json.value(one.alert_id);
    }
    json.field("host", one.host).field("from", one.range.from).key("to");
    write_time(json, one.range.until);
    json.end();
  }
  json.end();
}

/// The rest of a row's object, which the caller has begun, and its end.
void write_row(JsonWriter& json, const Row& row, const Asked& asked) {
  json.key("uptime");
  write_number(json, row.sum.share());
  json.field("up_seconds", seconds(row.sum.up)).field("down_seconds", seconds(row.sum.down));
  json.field("unknown_seconds", seconds(row.sum.unknown)).field("planned_seconds", seconds(row.sum.planned));
  json.key("down_since");
  write_time(json, row.down_since);
  json.key("budget_left_seconds");
  const double counted = seconds(row.sum.up + row.sum.down);
  write_number(json, asked.objective > 0
                         ? std::optional((1 - asked.objective) * counted - seconds(row.sum.down))
                         : std::nullopt);
  write_incidents(json, row.incidents);
  json.end();
}

}  // namespace

Result<Reply> uptime(RequestContext& call) {
  SENT_TRY_ASSIGN(const Asked asked, read_query(call));
  SENT_TRY_ASSIGN(const Facts facts, read_facts(call, asked));
  const Table table = make_table(facts, asked);
  JsonWriter json;
  json.object().field("from", asked.range.from).field("to", asked.range.until).key("cloud").object();
  write_row(json, table.whole, asked);
  json.key("clouds").array();
  for (const auto& [name, row] : table.clouds) {
    json.object().field("cloud", name);
    write_row(json, row, asked);
  }
  json.end().key("services").array();
  for (const auto& [name, row] : table.services) {
    json.object().field("service", name);
    write_row(json, row, asked);
  }
  json.end().key("nodes").array();
  for (const auto& [name, row] : table.nodes) {
    json.object().field("host", name.second).field("cloud", name.first);
    write_row(json, row, asked);
  }
  return json_reply(json.end().end().take());
}

}  // namespace sentinella::api::native
