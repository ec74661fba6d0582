// By monasca_notification/plugins/webhook_notifier.py and aodh/notifier/rest.py.
#include "base/json.h"
#include "notify/alert_summary.h"
#include "notify/foreign_webhook.h"

namespace sentinella::notify {
namespace {

enum class AlarmState : std::uint8_t { ok, alarm, unknown };

AlarmState state_of(const Message& message, const AlertSummary& alert) {
  if (message.transition == "closed") return AlarmState::ok;
  return alert.severity == "indeterminate" ? AlarmState::unknown : AlarmState::alarm;
}

/// What it was before, as far as a message says.
AlarmState state_before(const Message& message) {
  return message.transition == "opened" ? AlarmState::ok : AlarmState::alarm;
}

std::string_view monasca_state(AlarmState state) {
  return state == AlarmState::ok ? "OK" : state == AlarmState::alarm ? "ALARM" : "UNDETERMINED";
}

std::string_view aodh_state(AlarmState state) {
  return state == AlarmState::ok ? "ok" : state == AlarmState::alarm ? "alarm" : "insufficient data";
}

std::string_view aodh_severity(std::string_view severity) {
  if (severity == "security" || severity == "critical") return "critical";
  return severity == "major" || severity == "minor" ? "moderate" : "low";
}

}  // namespace

std::string monasca_body(const Message& message) {
  const AlertSummary alert = summarise(message.alert_json);
  JsonWriter json;
  json.object().field("alarm_id", alert.id).field("alarm_definition_id", alert.rule_id);
  json.field("alarm_name", alert.event).field("alarm_description", alert.resource);
  json.field("alarm_timestamp", static_cast<double>(alert.updated.ns / 1'000'000) / 1000);
  json.field("state", monasca_state(state_of(message, alert)));
  json.field("old_state", monasca_state(state_before(message)));
  json.field("message", alert.text).field("tenant_id", alert.environment);
  json.key("metrics").array().object().key("id").null().field("name", alert.event);
  json.key("dimensions").object();
  for (const auto& [name, value] :
       {std::pair{"hostname", alert.host}, std::pair{"service", alert.service},
        std::pair{"resource", alert.resource}, std::pair{"severity", alert.severity}})
    if (!value.empty()) json.field(name, value);
  return json.end().end().end().end().take();
}

std::string aodh_body(const Message& message) {
  const AlertSummary alert = summarise(message.alert_json);
  const AlarmState state = state_of(message, alert);
  JsonWriter json;
  json.object().field("alarm_name", alert.event + " " + alert.resource).field("alarm_id", alert.id);
  json.field("severity", aodh_severity(alert.severity));
  json.field("previous", aodh_state(state_before(message))).field("current", aodh_state(state));
  json.field("reason", alert.text).key("reason_data").object().field("type", "threshold");
  json.field("disposition", state == AlarmState::ok ? "inside" : "outside").field("count", 1);
  json.field("most_recent", alert.value);
  return json.end().end().take();
}

}  // namespace sentinella::notify
