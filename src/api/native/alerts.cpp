// Alerts: the list, one with everything that helps to find its cause, and what people do to them.
#include <algorithm>
#include <map>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/native/render.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "catalog/alerting.h"
#include "rules/rule_file.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kPrevious = 5;
constexpr std::size_t kChanges = 20;
constexpr std::size_t kMaxNote = 4000;
constexpr Duration kBefore = std::chrono::hours(2);

Result<catalog::AlertFilter> read_filter(const Query& query) {
  catalog::AlertFilter filter;
  for (const auto& word : query.all("status")) {
    SENT_TRY_ASSIGN(const auto status, parse_word(word, "status", parse_alert_status, "open, ack, closed"));
    filter.statuses.push_back(status);
  }
  if (filter.statuses.empty()) filter.statuses = {AlertStatus::open, AlertStatus::ack};
  for (const auto& word : query.all("severity")) {
    SENT_TRY_ASSIGN(const auto severity,
                    parse_word(word, "severity", parse_alert_severity,
                               "critical, major, minor, warning, indeterminate, informational, normal"));
    filter.severities.push_back(severity);
  }
  filter.host = query.text("host");
  filter.service = query.text("service");
  filter.rule_id = query.text("rule");
  filter.environment = query.text("environment");
  filter.text = query.text("q");
  SENT_TRY_ASSIGN(const auto page, query.page(50));
  filter.page = page.number;
  filter.page_size = page.size;
  return filter;
}

/// Names of series worth a look beside this alert, the rule's own first.
std::vector<std::string> suggested_series(const Context& server, const Alert& alert) {
  std::vector<std::string> names;
  const auto stored = read_catalog(server.database, [&](catalog::Transaction& tx) {
    return catalog::find_rule(tx, alert.account, alert.rule_id);
  });
  if (stored) {
    const auto rule = rules::parse_rule(stored->yaml);
    const auto* gauge = rule ? std::get_if<rules::GaugeRule>(&rule->what) : nullptr;
    if (gauge != nullptr) names.push_back(gauge->metric);
    if (gauge != nullptr && !gauge->divisor_metric.empty()) names.push_back(gauge->divisor_metric);
  }
  std::vector<std::string> usual;
  if (!alert.service.empty())
    usual = {"service_cpu_used_ratio", "service_memory_resident_bytes", "service_processes",
             "service_open_files"};
  if (!alert.host.empty())
    usual.insert(usual.end(), {"host_cpu_used_ratio", "host_memory_used_ratio", "host_load1"});
  for (auto& name : usual)
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  return names;
}

/// What changed on the alert's host before it began, newest first.
Result<std::vector<Event>> changes_before(const Context& server, const Alert& alert) {
  if (alert.host.empty()) return std::vector<Event>{};
  events::EventQuery query;
  query.range = {alert.create_time - kBefore, alert.create_time + Duration(1)};
  query.host = alert.host;
  query.limit = kChanges;
  SENT_TRY_ASSIGN(auto page, server.events.search(alert.account, query));
  return std::move(page.events);
}

void write_deliveries(JsonWriter& json, const std::vector<catalog::OutboxEntry>& entries,
                      const std::vector<catalog::Channel>& channels) {
  std::map<std::string, std::string> names;
  for (const auto& channel : channels) names[channel.id] = channel.name;
  json.array();
  for (const auto& entry : entries) {
    const auto name = names.find(entry.channel_id);
    write_delivery(json, entry, name == names.end() ? "(deleted channel)" : name->second);
  }
  json.end();
}

}  // namespace

Result<Reply> list_alerts(RequestContext& call) {
  SENT_TRY_ASSIGN(
      const auto query,
      Query::read(call.request, {"host", "service", "rule", "environment", "q", "page", "page_size"},
                  {"status", "severity"}));
  SENT_TRY_ASSIGN(const auto filter, read_filter(query));
  SENT_TRY_ASSIGN(const auto list, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_alerts(tx, call.caller.account, filter);
                  }));
  JsonWriter json;
  json.object().key("items").array();
  for (const auto& alert : list.alerts) json.raw(alerts::to_json(alert, false));
  json.end().field("total", static_cast<std::uint64_t>(list.total)).end();
  return json_reply(json.take());
}

Result<Reply> get_alert(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  const auto account = call.caller.account;
  const auto& id = call.path_value("id");
  Alert alert;
  std::vector<Alert> previous;
  std::vector<catalog::OutboxEntry> deliveries;
  std::vector<catalog::Channel> channels;
  SENT_TRY(call.server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(alert, catalog::find_alert(tx, account, id));
    SENT_TRY_ASSIGN(previous, catalog::previous_alerts(tx, alert, kPrevious));
    SENT_TRY_ASSIGN(deliveries, catalog::deliveries_of_alert(tx, account, id));
    SENT_TRY_ASSIGN(channels, catalog::list_channels(tx, account));
    return {};
  }));
  SENT_TRY_ASSIGN(const auto changes, changes_before(call.server, alert));
  JsonWriter json;
  json.object().key("alert").raw(alerts::to_json(alert, true)).key("previous").array();
  for (const auto& earlier : previous) json.raw(alerts::to_json(earlier, false));
  json.end().key("changes").array();
  for (const auto& event : changes) write_event(json, event);
  json.end().key("deliveries");
  write_deliveries(json, deliveries, channels);
  json.key("series").array();
  for (const auto& name : suggested_series(call.server, alert)) json.value(name);
  json.end().end();
  return json_reply(json.take());
}

Result<Reply> act_on_alert(RequestContext& call) {
  auto& server = call.server;
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"action", "text"}));
  SENT_TRY_ASSIGN(const auto word, required_string(body, "action"));
  SENT_TRY_ASSIGN(const auto text, optional_text(body, "text", kMaxNote));
  SENT_TRY_ASSIGN(const auto action,
                  parse_word(word, "action", alerts::parse_action, "ack, unack, close, open, note"));
  if (action == alerts::Action::note && text.empty())
    return fail_field(Errc::kInvalid, "text", "a note needs a text");
  const Time now = server.clock.now();
  SENT_TRY_ASSIGN(
      const auto done,
      server.alerts.act(call.caller.account, call.path_value("id"), action, text, call.caller, now,
                        [&](catalog::Transaction& tx, const std::vector<Notification>& notifications) {
                          return server.notifier.enqueue(tx, notifications, now);
                        }));
  server.notifier.wake();
  const auto& [alert, notifications] = done;
  server.live.publish_alert(alert, notifications.empty() ? word : to_string(notifications.back().transition));
  return json_reply(alerts::to_json(alert, true));
}

}  // namespace sentinella::api::native
