#include "notify/opsgenie.h"

#include "base/json.h"
#include "notify/http_answer.h"
#include "notify/words.h"

namespace sentinella::notify {
namespace {

constexpr std::string_view kUrl = "https://api.opsgenie.com";
constexpr std::size_t kMaxMessage = 130;

std::string_view priority_of(const AlertSummary& alert) {
  if (alert.severity == "critical" || alert.severity == "security") return "P1";
  if (alert.severity == "major") return "P2";
  if (alert.severity == "minor") return "P3";
  if (alert.severity == "warning") return "P4";
  return "P5";
}

class Opsgenie final : public Channel {
 public:
  Opsgenie(HttpTarget target, Words words) : target_(std::move(target)), words_(std::move(words)) {}

  Result<std::string> deliver(const Message& message) override {
    const AlertSummary alert = summarise(message.alert_json);
    if (message.transition == "closed") return change(alert, "close");
    if (message.transition == "status")
      return change(alert, alert.status == "ack" ? "acknowledge" : "unacknowledge");
    JsonWriter json;
    json.object()
        .field("message", words_.title(message, alert).substr(0, kMaxMessage))
        .field("alias", alert.id);
    json.field("description", words_.text(message, alert) + "\n\n" + message.alert_url);
    json.field("entity", alert.resource).field("source", "Sentinella").field("priority", priority_of(alert));
    json.key("tags").array().value(alert.event).value(alert.environment).end();
    json.key("details").object().field("rule", alert.rule_id).field("host", alert.host);
    json.field("service", alert.service).end();
    return post(target_.url + "/v2/alerts", json.end().take());
  }

 private:
  Result<std::string> change(const AlertSummary& alert, std::string_view what) {
    return post(fmt::format("{}/v2/alerts/{}/{}?identifierType=alias", target_.url, alert.id, what),
                JsonWriter().object().field("source", "Sentinella").end().take());
  }
  Result<std::string> post(std::string url, std::string body) {
    HttpTarget target = target_;
    target.url = std::move(url);
    return post_json(client_, target, std::move(body), "Opsgenie");
  }

  HttpTarget target_;
  Words words_;
  net::HttpClient client_;
};

}  // namespace

Result<std::unique_ptr<Channel>> make_opsgenie(std::string_view settings) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {"api_key", "url", "timeout_seconds", "title", "text"}));
  HttpTarget target;
  SENT_TRY_ASSIGN(target.url, read_url(object, kUrl));
  while (target.url.ends_with('/')) target.url.pop_back();
  SENT_TRY_ASSIGN(target.timeout, read_timeout(object));
  SENT_TRY_ASSIGN(const std::string key, required_string(object, "api_key"));
  target.headers.emplace_back("Authorization", "GenieKey " + key);
  SENT_TRY_ASSIGN(Words words, Words::read(object));
  return std::make_unique<Opsgenie>(std::move(target), std::move(words));
}

}  // namespace sentinella::notify
