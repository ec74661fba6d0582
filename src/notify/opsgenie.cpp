#include "notify/opsgenie.h"

#include "base/json.h"
#include "notify/paging_service.h"

namespace sentinella::notify {
namespace {

constexpr std::string_view kUrl = "https://api.opsgenie.com";
constexpr std::size_t kMaxMessage = 130;

constexpr std::array<std::string_view, 5> kPriorities{"P1", "P2", "P3", "P4", "P5"};

class Opsgenie final : public Channel {
 public:
  explicit Opsgenie(PagingService service) : service_(std::move(service)) {
    while (service_.target.url.ends_with('/')) service_.target.url.pop_back();
    service_.target.headers.emplace_back("Authorization", "GenieKey " + service_.key);
  }

  Result<std::string> deliver(const Message& message) override {
    const AlertSummary alert = summarise(message.alert_json);
    if (message.transition == "closed") return change(alert, "close");
    if (message.transition == "status")
      return change(alert, alert.status == "ack" ? "acknowledge" : "unacknowledge");
    JsonWriter json;
    json.object()
        .field("message", service_.words.title(message, alert).substr(0, kMaxMessage))
        .field("alias", alert.id);
    json.field("description", service_.words.text(message, alert) + "\n\n" + message.alert_url);
    json.field("entity", alert.resource)
        .field("source", "Sentinella")
        .field("priority", urgency(alert.severity, kPriorities));
    json.key("tags").array().value(alert.event).value(alert.environment).end();
    json.key("details").object().field("rule", alert.rule_id).field("host", alert.host);
    json.field("service", alert.service).end();
    return post(service_.target.url + "/v2/alerts", json.end().take());
  }

 private:
  Result<std::string> change(const AlertSummary& alert, std::string_view what) {
    return post(fmt::format("{}/v2/alerts/{}/{}?identifierType=alias", service_.target.url, alert.id, what),
                JsonWriter().object().field("source", "Sentinella").end().take());
  }
  Result<std::string> post(std::string url, std::string body) {
    HttpTarget target = service_.target;
    target.url = std::move(url);
    return post_json(client_, target, std::move(body), "Opsgenie");
  }

  PagingService service_;
  net::HttpClient client_;
};

}  // namespace

Result<std::unique_ptr<Channel>> make_opsgenie(std::string_view settings) {
  SENT_TRY_ASSIGN(auto service, PagingService::read(settings, "api_key", kUrl));
  return std::make_unique<Opsgenie>(std::move(service));
}

}  // namespace sentinella::notify
