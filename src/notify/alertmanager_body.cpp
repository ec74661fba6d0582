#include "base/json.h"
#include "notify/alert_summary.h"
#include "notify/foreign_webhook.h"

namespace sentinella::notify {
namespace {

/// Labels of the sender; those of our own rules stand beside what the alert is called.
void write_labels(JsonWriter& json, const boost::json::object& alert, const AlertSummary& summary) {
  const auto* const found = alert.if_contains("labels");
  const boost::json::object given = found && found->is_object() ? found->get_object() : boost::json::object();
  const auto* const origin = alert.if_contains("origin");
  const bool is_foreign = origin && origin->is_string() && !origin->get_string().empty();
  json.key("labels").object();
  for (const auto& label : given)
    if (label.value().is_string()) json.field(label.key(), std::string_view(label.value().get_string()));
  if (!given.contains("alertname") && (given.empty() || !is_foreign))
    for (const auto& [name, value] :
         {std::pair{"alertname", summary.event}, std::pair{"severity", summary.severity},
          std::pair{"environment", summary.environment}, std::pair{"instance", summary.resource},
          std::pair{"host", summary.host}, std::pair{"service", summary.service},
          std::pair{"tier", summary.tier}, std::pair{"rule", summary.rule_id}})
      if (!value.empty() && !given.contains(name)) json.field(name, value);
  json.end();
}

void write_annotations(JsonWriter& json, std::string_view name, const AlertSummary& summary) {
  json.key(name).object().field("summary", summary.text);
  if (!summary.playbook.empty()) json.field("playbook", summary.playbook);
  json.end();
}

}  // namespace

std::string alertmanager_body(const Message& message) {
  const AlertSummary summary = summarise(message.alert_json);
  const auto alert = parse_json_object(message.alert_json).value_or(boost::json::object());
  const std::string_view status = message.transition == "closed" ? "resolved" : "firing";
  JsonWriter json;
  json.object()
      .field("version", "4")
      .field("groupKey", summary.id)
      .field("truncatedAlerts", summary.together - 1);
  json.field("status", status).field("receiver", "sentinella").key("groupLabels").object();
  json.field("alertname", summary.event)
      .end()
      .key("commonLabels")
      .object()
      .field("alertname", summary.event)
      .end();
  write_annotations(json, "commonAnnotations", summary);
  json.field("externalURL", message.alert_url).field("notification_reason", message.transition);
  json.key("alerts").array().object().field("status", status);
  write_labels(json, alert, summary);
  write_annotations(json, "annotations", summary);
  json.field("startsAt", summary.created);
  json.field("endsAt", status == "resolved" ? to_rfc3339(summary.updated) : "0001-01-01T00:00:00Z");
  json.field("generatorURL", message.alert_url).field("fingerprint", summary.id).end().end();
  return json.end().take();
}

}  // namespace sentinella::notify
