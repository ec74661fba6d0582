// How everything is right now: nodes, services, and the sentence that sums it up.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/native/muted_alerts.h"
#include "api/native/render.h"
#include "api/native/uptime_table.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "catalog/alerting.h"
#include "catalog/inventory.h"
#include "rules/rule_engine.h"

namespace sentinella::api::native {
namespace {

using rules::CheckStatus;

struct NodeView {
  Node node;
  std::string cloud;
  std::string planned;  ///< "maintenance", "blackout" or ""
  rules::NodeState state;
  std::vector<rules::ServiceState> services;
};

/// A snapshot of an account: the catalogue's nodes with what the rule engine and the alerts say of them.
struct Situation {
  std::vector<NodeView> nodes;
  std::vector<Alert> alerts;
  /// Over, and nobody has taken note yet, by cloud; only where alarms know that.
  std::optional<std::map<std::string, ReturnedAlarms>> returned;
  std::map<std::pair<std::string, std::string>, const Alert*>
      worst;                      ///< by host and service; points into alerts
  std::set<const Alert*> hidden;  ///< by silences and planned work
  std::string cloud;              ///< whose nodes and alerts are summed up; "" = of all

  bool is_here(const Alert& alert) const { return cloud.empty() || alert.environment == cloud; }
  bool is_here(const NodeView& view) const {
    return cloud.empty() || (view.cloud.empty() ? kUnnamedCloud : view.cloud) == cloud;
  }
  /// To be counted: of the cloud, and nothing hides it.
  bool is_seen(const Alert& alert) const { return is_here(alert) && !hidden.contains(&alert); }
  bool is_hidden(const std::string& host, const std::string& service) const {
    const auto found = worst.find({host, service});
    return found != worst.end() && hidden.contains(found->second);
  }
  std::size_t count(AlertStatus status) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        alerts, [&](const Alert& alert) { return alert.status == status && is_seen(alert); }));
  }
  ReturnedAlarms returned_here() const {
    ReturnedAlarms sum;
    if (!returned) return sum;
    for (const auto& [name, of_cloud] : *returned) {
      if (!cloud.empty() && name != cloud) continue;
      sum.all += of_cloud.all;
      sum.hidden += of_cloud.hidden;
    }
    return sum;
  }
  std::size_t returned_and_seen() const { return returned_here().all - returned_here().hidden; }
  std::string alert_of(const rules::ServiceState& state) const {
    const auto found = worst.find({state.host, state.service});
    return found == worst.end() ? "" : found->second->id;
  }
};

Result<Situation> look(const RequestContext& call) {
  const auto account = call.caller.account;
  const auto& server = call.server;
  SENT_TRY_ASSIGN(const auto nodes, read_catalog(server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_nodes(tx, account);
                  }));
  SENT_TRY_ASSIGN(const auto clouds, read_catalog(server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_clouds(tx, account);
                  }));
  SENT_TRY_ASSIGN(const auto mutes, ActiveMutes::read(call));
  std::map<std::string, std::string> cloud_names;
  for (const auto& cloud : clouds) cloud_names[cloud.id] = cloud.name;
  std::map<std::string, rules::NodeState> states;
  for (auto& state : server.rules.nodes(account)) states[state.host] = std::move(state);
  std::map<std::string, std::vector<rules::ServiceState>> services;
  for (auto& state : server.rules.services(account)) services[state.host].push_back(std::move(state));

  Situation now;
  for (const auto& node : nodes) {
    const std::string& cloud = cloud_names[node.cloud_id];
    NodeView view{
        node, cloud, std::string(mutes.planned(node.host, cloud)), {}, std::move(services[node.host])};
    const auto state = states.find(node.host);
    // Never heard by the rules (only metrics or logs so far): unknown since we know of it.
    view.state = state != states.end()
                     ? state->second
                     : rules::NodeState{node.host, CheckStatus::unknown, node.first_seen, node.first_seen};
    std::ranges::sort(view.services, {}, &rules::ServiceState::service);
    now.nodes.push_back(std::move(view));
  }
  std::ranges::sort(now.nodes, {}, [](const NodeView& view) { return view.node.host; });
  now.alerts = server.alerts.live(account);
  for (const auto& alert : now.alerts) {
    auto& worst = now.worst[{alert.host, alert.service}];
    if (worst == nullptr || alert.severity < worst->severity) worst = &alert;
    if (mutes.hide(alert)) now.hidden.insert(&alert);
  }
  SENT_TRY_ASSIGN(now.returned, count_returned(call, mutes));
  return now;
}

void write_node(JsonWriter& json, const NodeView& view, const Situation& now) {
  json.object()
      .field("host", view.node.host)
      .field("cloud", view.cloud)
      .field("cloud_id", view.node.cloud_id)
      .field("planned", view.planned)
      .field("status", rules::to_string(view.state.status))
      .field("since", view.state.since)
      .field("first_seen", view.node.first_seen)
      .field("last_seen", view.state.last_seen);
  json.key("services").array();
  for (const auto& state : view.services) write_service(json, state, now.alert_of(state));
  json.end().end();
}

/// Open alerts by severity, and how many of all severities somebody has acknowledged; without what is hidden.
void write_counts(JsonWriter& json, const Situation& now) {
  const auto open = [&](AlertSeverity severity) {
    return static_cast<std::uint64_t>(std::ranges::count_if(now.alerts, [&](const Alert& alert) {
      return alert.status == AlertStatus::open && alert.severity == severity && now.is_seen(alert);
    }));
  };
  json.object();
  for (const auto severity : {AlertSeverity::critical, AlertSeverity::major, AlertSeverity::minor,
                              AlertSeverity::warning, AlertSeverity::informational})
    json.field(to_string(severity), open(severity));
  json.field("ack", static_cast<std::uint64_t>(now.count(AlertStatus::ack)));
  if (now.returned) json.field("returned", static_cast<std::uint64_t>(now.returned_and_seen()));
  json.end();
}

/// As many as the list of alerts says that it hides.
std::uint64_t muted_count(const Situation& now) {
  const auto live = std::ranges::count_if(now.hidden, [&](const Alert* alert) {
    const bool waits = alert->status == AlertStatus::open || alert->status == AlertStatus::ack;
    return waits && now.is_here(*alert);
  });
  return static_cast<std::uint64_t>(live) + now.returned_here().hidden;
}

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// What is down or silent, save what is silenced or worked on: that is known.
std::vector<std::string> troubles(const Situation& now) {
  std::vector<std::string> wrong;
  for (const auto& view : now.nodes) {
    if (!now.is_here(view) || !view.planned.empty()) continue;
    if (!now.is_hidden(view.node.host, "")) {
      if (view.state.status == CheckStatus::down) wrong.push_back(view.node.host + " is down");
      if (view.state.status == CheckStatus::unknown) wrong.push_back(view.node.host + " is silent");
    }
    for (const auto& state : view.services)
      if (state.status == CheckStatus::down && !now.is_hidden(state.host, state.service))
        wrong.push_back(state.service + " on " + state.host + " is down");
  }
  return wrong;
}

std::string all_well(const Situation& now, const std::string& alerts) {
  std::size_t nodes = 0, services = 0, planned = 0;
  for (const auto& view : now.nodes) {
    if (!now.is_here(view)) continue;
    nodes += view.state.status == CheckStatus::down || view.state.status == CheckStatus::unknown ? 0 : 1;
    planned += view.planned.empty() ? 0 : 1;
    services += static_cast<std::size_t>(
        std::ranges::count(view.services, CheckStatus::up, &rules::ServiceState::status));
  }
  const std::string work = planned == 0 ? "" : fmt::format(", planned work on {}", plural(planned, "node"));
  return fmt::format("{} and {} are up{}, {}.", plural(nodes, "node"), plural(services, "service"), work,
                     alerts);
}

/// The live alert that most others follow from, of those that nothing hides.
struct Cause {
  const Alert* alert = nullptr;
  std::size_t symptoms = 0;

  std::string where() const {
    return alert->service.empty() ? alert->host : fmt::format("{} on {}", alert->service, alert->host);
  }
};

Cause cause_of_most(const Situation& now) {
  std::map<std::string, std::size_t> followers;
  for (const Alert& alert : now.alerts)
    if (!alert.cause.empty() && now.is_seen(alert)) ++followers[alert.cause];
  Cause most;
  for (const Alert& alert : now.alerts) {
    const auto found = followers.find(alert.id);
    if (found != followers.end() && found->second > most.symptoms && now.is_seen(alert))
      most = {&alert, found->second};
  }
  return most;
}

/// The one sentence at the top of the page.
std::string verdict(const Situation& now, const Cause& cause) {
  constexpr std::size_t kNamed = 3;
  if (now.nodes.empty()) return "No node has reported yet.";
  if (std::ranges::none_of(now.nodes, [&](const NodeView& view) { return now.is_here(view); }))
    return fmt::format("No node of {} has reported yet.", now.cloud);
  const std::vector<std::string> wrong = troubles(now);
  const std::size_t open = now.count(AlertStatus::open);
  std::string alerts = open == 0 ? "no open alert" : plural(open, "open alert");
  if (const std::size_t returned = now.returned_and_seen(); returned > 0)
    alerts += fmt::format(", {} over and not acknowledged", returned);
  if (wrong.empty()) return all_well(now, alerts);
  std::string named;
  for (std::size_t i = 0; i < std::min(wrong.size(), kNamed); ++i) named += (i == 0 ? "" : ", ") + wrong[i];
  if (wrong.size() > kNamed) named += fmt::format(" and {} more", wrong.size() - kNamed);
  if (cause.alert != nullptr)
    named +=
        fmt::format("; cause: {} ({} from it)", cause.where(),
                    cause.symptoms == 1 ? "1 alert follows" : plural(cause.symptoms, "alert") + " follow");
  return fmt::format("{}; {}.", named, alerts);
}

void write_cause(JsonWriter& json, const Cause& cause) {
  if (cause.alert == nullptr) {
    json.null();
    return;
  }
  json.object()
      .field("alert_id", cause.alert->id)
      .field("where", cause.where())
      .field("symptoms", static_cast<std::uint64_t>(cause.symptoms))
      .end();
}

Result<void> write_recent_changes(JsonWriter& json, const RequestContext& call, Time now) {
  events::EventQuery query;
  query.range = {now - std::chrono::hours(2), {INT64_MAX}};
  query.limit = 20;
  query.changes_only = true;
  SENT_TRY_ASSIGN(const auto page, call.server.events.search(call.caller.account, query));
  json.array();
  for (const auto& event : page.events) write_event(json, event);
  json.end();
  return {};
}

}  // namespace

Result<Reply> overview(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"cloud"}));
  SENT_TRY_ASSIGN(auto situation, look(call));
  situation.cloud = query.text("cloud");
  SENT_TRY_ASSIGN(const std::size_t rules, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::count_enabled_rules(tx, call.caller.account);
                  }));
  const Cause cause = cause_of_most(situation);
  const Time now = call.server.clock.now();
  JsonWriter json;
  json.object()
      .field("generated", now)
      .field("epoch", call.server.info.epoch)
      .field("verdict", verdict(situation, cause))
      .key("counts");
  write_counts(json, situation);
  json.key("cause");
  write_cause(json, cause);
  json.key("watch").object().field("rules", static_cast<std::uint64_t>(rules)).key("checked");
  if (const Time checked = call.server.evaluated_until(); checked != Time{})
    json.value(checked);
  else
    json.null();
  json.end().field("muted", muted_count(situation)).key("nodes").array();
  for (const auto& view : situation.nodes) write_node(json, view, situation);
  json.end().key("changes");
  SENT_TRY(write_recent_changes(json, call, now));
  json.end();
  return json_reply(json.take());
}

Result<Reply> list_nodes(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const auto now, look(call));
  return list_reply(now.nodes, page,
                    [&](JsonWriter& json, const NodeView& view) { write_node(json, view, now); });
}

Result<Reply> get_node(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto now, look(call));
  for (const auto& view : now.nodes) {
    if (view.node.host != call.path_value("host")) continue;
    JsonWriter json;
    write_node(json, view, now);
    return json_reply(json.take());
  }
  return fail(Errc::kNotFound, "no such node");
}

Result<Reply> list_services(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const auto now, look(call));
  std::map<std::string, std::vector<const rules::ServiceState*>> by_name;
  for (const auto& view : now.nodes)
    for (const auto& state : view.services) by_name[state.service].push_back(&state);
  const std::vector<std::pair<std::string, std::vector<const rules::ServiceState*>>> services(by_name.begin(),
                                                                                              by_name.end());
  return list_reply(services, page, [](JsonWriter& json, const auto& service) {
    json.object().field("service", service.first).key("hosts").array();
    for (const auto* state : service.second)
      json.object()
          .field("host", state->host)
          .field("status", rules::to_string(state->status))
          .field("since", state->since)
          .end();
    json.end().end();
  });
}

}  // namespace sentinella::api::native
