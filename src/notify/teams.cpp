#include "notify/teams.h"

#include "base/json.h"
#include "base/text.h"
#include "notify/http_answer.h"
#include "notify/words.h"

namespace sentinella::notify {
namespace {

std::string_view card_colour(const Message& message, const AlertSummary& alert) {
  if (message.transition == "closed") return "Good";
  if (alert.severity == "critical" || alert.severity == "major" || alert.severity == "security")
    return "Attention";
  if (alert.severity == "minor" || alert.severity == "warning") return "Warning";
  return "Default";
}

void write_text(JsonWriter& json, const std::string& text) {
  if (!text.empty()) json.object().field("type", "TextBlock").field("text", text).field("wrap", true).end();
}

class Teams final : public Channel {
 public:
  Teams(HttpTarget target, Words words) : target_(std::move(target)), words_(std::move(words)) {}

  Result<std::string> deliver(const Message& message) override {
    const AlertSummary alert = summarise(message.alert_json);
    JsonWriter json;
    json.object().field("type", "message").key("attachments").array().object();
    json.field("contentType", "application/vnd.microsoft.card.adaptive").key("contentUrl").null();
    json.key("content").object().field("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
    json.field("type", "AdaptiveCard").field("version", "1.2").key("body").array();
    json.object()
        .field("type", "TextBlock")
        .field("text", words_.title(message, alert))
        .field("weight", "Bolder");
    json.field("size", "Medium").field("wrap", true).field("color", card_colour(message, alert)).end();
    // A single line break is none in a card.
    write_text(json, fmt::format("{}", fmt::join(split(words_.text(message, alert), '\n'), "\n\n")));
    write_text(json, fmt::format("{} · {} · {}", alert.severity, alert.environment, alert.rule_id));
    if (message.transition != "closed") write_text(json, fmt::format("{}", fmt::join(alert.lines, "\n\n")));
    json.end()
        .key("actions")
        .array()
        .object()
        .field("type", "Action.OpenUrl")
        .field("title", "Open the alert");
    json.field("url", message.alert_url).end().end();
    json.key("msteams").object().field("width", "full").end().end().end().end();
    return post_json(client_, target_, json.end().take(), "Teams");
  }

 private:
  HttpTarget target_;
  Words words_;
  net::HttpClient client_;
};

}  // namespace

Result<std::unique_ptr<Channel>> make_teams(std::string_view settings) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {"url", "timeout_seconds", "title", "text"}));
  HttpTarget target;
  SENT_TRY_ASSIGN(target.url, read_url(object));
  SENT_TRY_ASSIGN(target.timeout, read_timeout(object));
  SENT_TRY_ASSIGN(Words words, Words::read(object));
  return std::make_unique<Teams>(std::move(target), std::move(words));
}

}  // namespace sentinella::notify
