// Alerts: the list, one with everything that helps to find its cause, and what people do to them.
#include <algorithm>
#include <map>
#include <set>

#include "api/native/alert_action.h"
#include "api/native/alert_filter.h"
#include "api/native/alert_threshold.h"
#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/native/related_changes.h"
#include "api/native/render.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "catalog/alerting.h"
#include "catalog/policy.h"
#include "notify/desk.h"
#include "rules/rule_engine.h"
#include "rules/rule_file.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kPrevious = 5;
constexpr std::size_t kMostChanges = 20;

/// Names of series worth a look beside this alert, the rule's own first.
std::vector<std::string> suggested_series(const Context& server, const Alert& alert) {
  std::vector<std::string> names;
  const auto stored = read_catalog(server.database, [&](catalog::Transaction& tx) {
    return catalog::find_rule(tx, alert.account, alert.rule_id);
  });
  if (stored) {
    const auto rule = rules::parse_rule(stored->yaml);
    const auto* gauge = rule ? rule->gauge() : nullptr;
    if (gauge != nullptr && !gauge->metric.empty()) names.push_back(gauge->metric);
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
  std::vector<std::string_view> known = kAlertFilters;
  known.insert(known.end(), {"page", "page_size"});
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, known, kAlertFilterLists));
  SENT_TRY_ASSIGN(const auto filter, read_alert_filter(call, query, 50));
  SENT_TRY_ASSIGN(auto list, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_alerts(tx, call.caller.account, filter);
                  }));
  call.server.alerts.refresh(list.alerts);
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
  if (auto live = call.server.alerts.find(account, id)) alert = *std::move(live);
  const Scene scene{alert.host, alert.service};
  SENT_TRY_ASSIGN(
      const auto changes,
      related_changes(call.server, account, std::span(&scene, 1),
                      {alert.create_time - kChangesBefore, alert.create_time + Duration(1)}, kMostChanges));
  JsonWriter json;
  json.object().key("alert").raw(alerts::to_json(alert, true)).key("previous").array();
  for (const auto& earlier : previous) json.raw(alerts::to_json(earlier, false));
  json.end().key("changes");
  write_related_changes(json, changes.items);
  json.key("deliveries");
  write_deliveries(json, deliveries, channels);
  json.key("threshold");
  write_threshold(json, call.server, alert);
  json.key("series").array();
  for (const auto& name : suggested_series(call.server, alert)) json.value(name);
  json.end().end();
  return json_reply(json.take());
}

Result<Reply> act_on_alert(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"action", "text", "timeout", "owner"}));
  SENT_TRY_ASSIGN(auto request, read_action(body));
  SENT_TRY_ASSIGN(const Alert alert,
                  perform(call.server, call.caller, call.path_value("id"), std::move(request)));
  return json_reply(alerts::to_json(alert, true));
}

Result<Reply> put_alert_note(RequestContext& call) {
  // Another account's alert is not there, whatever is said of it.
  SENT_TRY(read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_alert(tx, call.caller.account, call.path_value("id"));
  }));
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"text"}));
  SENT_TRY_ASSIGN(const std::string text, read_note(body));
  SENT_TRY_ASSIGN(const Alert alert, change_note(call.server, call.caller, call.path_value("id"),
                                                 call.path_value("note"), text));
  return json_reply(alerts::to_json(alert, true));
}

Result<Reply> delete_alert_note(RequestContext& call) {
  SENT_TRY_ASSIGN(const Alert alert, change_note(call.server, call.caller, call.path_value("id"),
                                                 call.path_value("note"), std::nullopt));
  return json_reply(alerts::to_json(alert, true));
}

namespace {

void write_optional(JsonWriter& json, std::string_view name, Time time) {
  json.key(name);
  if (time == Time{}) {
    json.null();
  } else {
    json.value(time);
  }
}

void write_attempts(JsonWriter& json, const std::vector<catalog::DeliveryAttempt>& attempts,
                    const std::map<std::string, std::string>& names) {
  json.key("attempts").array();
  for (const auto& one : attempts) {
    const auto name = names.find(one.channel_id);
    json.object().field("delivery_id", one.delivery_id);
    json.field("channel", name == names.end() ? "(deleted channel)" : name->second);
    json.field("attempt", one.attempt).field("time", one.time);
    json.field("took_ms", static_cast<double>(one.took.count()) / 1e6).field("ok", one.ok);
    json.field("answer", one.answer).end();
  }
  json.end();
}

}  // namespace

/// Why was I (not) told, and when will I be next.
Result<Reply> alert_notifications(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  const auto account = call.caller.account;
  notify::Explanation why;
  std::vector<catalog::OutboxEntry> deliveries;
  std::vector<catalog::Channel> channels;
  std::vector<catalog::DeliveryAttempt> attempts;
  SENT_TRY(call.server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const Alert alert, catalog::find_alert(tx, account, call.path_value("id")));
    SENT_TRY_ASSIGN(why, call.server.desk.explain(tx, alert, call.server.clock.now()));
    const std::string& conversation = why.conversation.empty() ? alert.id : why.conversation;
    SENT_TRY_ASSIGN(deliveries, catalog::deliveries_of_alert(tx, account, conversation));
    SENT_TRY_ASSIGN(channels, catalog::list_channels(tx, account));
    std::set<std::string> ids;
    for (const auto& entry : deliveries) ids.insert(entry.delivery_id);
    for (const auto& id : ids) {
      SENT_TRY_ASSIGN(const auto of_one, catalog::attempts_of(tx, account, id));
      attempts.insert(attempts.end(), of_one.begin(), of_one.end());
    }
    return {};
  }));
  std::map<std::string, std::string> names;
  for (const auto& channel : channels) names[channel.id] = channel.name;
  JsonWriter json;
  json.object().field("told_with", why.conversation).key("why_not_notified").array();
  for (const auto& one : why.why_not) {
    json.object().field("stage", one.stage).field("id", one.id).field("text", one.text);
    write_optional(json, "until", one.until);
    json.end();
  }
  json.end().key("receivers").object().field("by", why.receivers.by).field("name", why.receivers.name);
  json.key("channels").array();
  for (const std::string& id : why.receivers.channels) json.value(names[id]);
  json.end().end();
  write_optional(json, "next_notification_at", why.next.value_or(Time{}));
  json.field("next_is", why.next_is).key("deliveries");
  write_deliveries(json, deliveries, channels);
  write_attempts(json, attempts, names);
  return json_reply(json.end().take());
}

}  // namespace sentinella::api::native
