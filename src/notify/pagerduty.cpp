#include "notify/pagerduty.h"

#include "base/json.h"
#include "notify/http_answer.h"
#include "notify/words.h"

namespace sentinella::notify {
namespace {

constexpr std::string_view kEventsUrl = "https://events.pagerduty.com/v2/enqueue";
constexpr std::size_t kMaxSummary = 1024;

std::string_view severity_of(const AlertSummary& alert) {
  if (alert.severity == "critical" || alert.severity == "security") return "critical";
  if (alert.severity == "major") return "error";
  if (alert.severity == "minor" || alert.severity == "warning") return "warning";
  return "info";
}

std::string_view action_of(const Message& message, const AlertSummary& alert) {
  if (message.transition == "closed") return "resolve";
  if (message.transition == "status" && (alert.status == "ack" || alert.status == "shelved"))
    return "acknowledge";
  return "trigger";
}

class PagerDuty final : public Channel {
 public:
  PagerDuty(HttpTarget target, std::string key, Words words)
      : target_(std::move(target)), key_(std::move(key)), words_(std::move(words)) {}

  Result<std::string> deliver(const Message& message) override {
    const AlertSummary alert = summarise(message.alert_json);
    JsonWriter json;
    json.object().field("routing_key", key_).field("event_action", action_of(message, alert));
    json.field("dedup_key", alert.id).field("client", "Sentinella").field("client_url", message.alert_url);
    json.key("links")
        .array()
        .object()
        .field("href", message.alert_url)
        .field("text", "The alert")
        .end()
        .end();
    json.key("payload").object();
    json.field("summary", words_.title(message, alert).substr(0, kMaxSummary));
    json.field("source", alert.host.empty() ? alert.resource : alert.host)
        .field("severity", severity_of(alert));
    json.field("timestamp", alert.updated)
        .field("component", alert.service)
        .field("group", alert.environment);
    json.field("class", alert.event)
        .key("custom_details")
        .object()
        .field("text", words_.text(message, alert));
    json.field("value", alert.value).field("rule", alert.rule_id).field("playbook", alert.playbook);
    json.key("log").array();
    for (const std::string& line : alert.lines) json.value(line);
    json.end().end().end().end();
    return post_json(client_, target_, json.take(), "PagerDuty");
  }

 private:
  HttpTarget target_;
  std::string key_;
  Words words_;
  net::HttpClient client_;
};

}  // namespace

Result<std::unique_ptr<Channel>> make_pagerduty(std::string_view settings) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {"routing_key", "url", "timeout_seconds", "title", "text"}));
  HttpTarget target;
  SENT_TRY_ASSIGN(target.url, read_url(object, kEventsUrl));
  SENT_TRY_ASSIGN(target.timeout, read_timeout(object));
  SENT_TRY_ASSIGN(std::string key, required_string(object, "routing_key"));
  SENT_TRY_ASSIGN(Words words, Words::read(object));
  return std::make_unique<PagerDuty>(std::move(target), std::move(key), std::move(words));
}

}  // namespace sentinella::notify
