#include "notify/pagerduty.h"

#include "base/json.h"
#include "notify/paging_service.h"

namespace sentinella::notify {
namespace {

constexpr std::string_view kEventsUrl = "https://events.pagerduty.com/v2/enqueue";
constexpr std::size_t kMaxSummary = 1024;

constexpr std::array<std::string_view, 5> kSeverities{"critical", "error", "warning", "warning", "info"};

std::string_view action_of(const Message& message, const AlertSummary& alert) {
  if (message.transition == "closed") return "resolve";
  if (message.transition == "status" && (alert.status == "ack" || alert.status == "shelved"))
    return "acknowledge";
  return "trigger";
}

class PagerDuty final : public Channel {
 public:
  explicit PagerDuty(PagingService service) : service_(std::move(service)) {}

  Result<std::string> deliver(const Message& message) override {
    const AlertSummary alert = summarise(message.alert_json);
    JsonWriter json;
    json.object().field("routing_key", service_.key).field("event_action", action_of(message, alert));
    json.field("dedup_key", alert.id).field("client", "Sentinella").field("client_url", message.alert_url);
    json.key("links")
        .array()
        .object()
        .field("href", message.alert_url)
        .field("text", "The alert")
        .end()
        .end();
    json.key("payload").object();
    json.field("summary", service_.words.title(message, alert).substr(0, kMaxSummary));
    json.field("source", alert.host.empty() ? alert.resource : alert.host)
        .field("severity", urgency(alert.severity, kSeverities));
    json.field("timestamp", alert.updated)
        .field("component", alert.service)
        .field("group", alert.environment);
    json.field("class", alert.event)
        .key("custom_details")
        .object()
        .field("text", service_.words.text(message, alert));
    json.field("value", alert.value).field("rule", alert.rule_id).field("playbook", alert.playbook);
    json.key("log").array();
    for (const std::string& line : alert.lines) json.value(line);
    json.end().end().end().end();
    return post_json(client_, service_.target, json.take(), "PagerDuty");
  }

 private:
  PagingService service_;
  net::HttpClient client_;
};

}  // namespace

Result<std::unique_ptr<Channel>> make_pagerduty(std::string_view settings) {
  SENT_TRY_ASSIGN(auto service, PagingService::read(settings, "routing_key", kEventsUrl));
  return std::make_unique<PagerDuty>(std::move(service));
}

}  // namespace sentinella::notify
