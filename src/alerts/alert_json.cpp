// An alert as the API, the live stream and webhooks show it: Alerta's names, camelCase.
#include "alerts/alert_engine.h"
#include "base/json.h"

namespace sentinella::alerts {
namespace {

void write_evidence(JsonWriter& json, const std::vector<EvidenceLine>& lines) {
  json.key("evidence").array();
  for (const EvidenceLine& line : lines) {
    json.object();
    json.field("id", to_text(line.id)).field("time", line.time).field("host", line.host);
    json.field("service", line.service).field("severity", to_string(line.severity)).field("text", line.text);
    json.field("requestId", line.request_id).field("traceback", line.traceback);
    json.end();
  }
  json.end();
}

void write_history(JsonWriter& json, const std::vector<AlertHistory>& history) {
  json.key("history").array();
  for (const AlertHistory& entry : history) {
    json.object();
    json.field("time", entry.time).field("type", entry.type).field("severity", to_string(entry.severity));
    json.field("status", to_string(entry.status)).field("event", entry.event).field("value", entry.value);
    json.field("text", entry.text).field("user", entry.user);
    if (entry.type == "assign") json.field("owner", entry.owner);
    if (entry.alarm_state) json.field("alarmState", to_string(*entry.alarm_state));
    json.end();
  }
  json.end();
}

void write_labels(JsonWriter& json, std::string_view name, const Labels& labels) {
  json.key(name).object();
  for (const Label& label : labels) json.field(label.name, label.value);
  json.end();
}

void write_words(JsonWriter& json, std::string_view name, const std::vector<std::string>& words) {
  json.key(name).array();
  for (const std::string& word : words) json.value(word);
  json.end();
}

void write_extras(JsonWriter& json, const AlertExtras& extras) {
  json.field("origin", extras.origin).field("group", extras.group).field("type", extras.type);
  json.field("timeout", static_cast<std::int64_t>(extras.timeout / std::chrono::seconds(1)));
  write_words(json, "tags", extras.tags);
  write_words(json, "correlate", extras.correlate);
  write_labels(json, "labels", extras.labels);
  write_labels(json, "attributes", extras.annotations);
}

}  // namespace

std::string to_json(const Alert& alert, bool with_history_and_evidence) {
  JsonWriter json;
  json.object();
  json.field("id", alert.id).field("environment", alert.environment).field("resource", alert.resource);
  json.field("event", alert.event).field("host", alert.host);
  json.key("service").array();
  if (!alert.service.empty()) json.value(alert.service);
  json.end();
  json.field("severity", to_string(alert.severity))
      .field("previousSeverity", to_string(alert.previous_severity));
  json.field("status", to_string(alert.status)).field("tier", to_string(alert.tier));
  if (alert.alarm_state) json.field("alarmState", to_string(*alert.alarm_state));
  json.field("value", alert.value).field("text", alert.text).field("ruleId", alert.rule_id);
  json.field("playbook", alert.playbook).field("duplicateCount", alert.duplicate_count);
  json.field("createTime", alert.create_time).field("receiveTime", alert.receive_time);
  json.field("lastReceiveTime", alert.last_receive_time).field("updateTime", alert.update_time);
  json.key("statusUntil");
  if (alert.status_until == Time{}) {
    json.null();
  } else {
    json.value(alert.status_until);
  }
  json.field("cause", alert.cause).field("owner", alert.owner);
  write_extras(json, alert.extras);
  if (with_history_and_evidence) {
    write_evidence(json, alert.evidence);
    write_history(json, alert.history);
  }
  return json.end().take();
}

}  // namespace sentinella::alerts
