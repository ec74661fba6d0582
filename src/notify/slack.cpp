#include "notify/slack.h"

#include "base/json.h"
#include "net/http_client.h"
#include "notify/alert_summary.h"
#include "notify/http_answer.h"

namespace sentinella::notify {
namespace {

std::string_view colour(const Message& message, const AlertSummary& alert) {
  if (message.transition == "closed") return "#2e7d32";
  if (alert.severity == "critical") return "#c62828";
  if (alert.severity == "major") return "#ef6c00";
  if (alert.severity == "minor") return "#f9a825";
  if (alert.severity == "warning") return "#1565c0";
  return "#757575";
}

void write_field(JsonWriter& json, std::string_view title, const std::string& value) {
  if (value.empty()) return;
  json.object().field("title", title).field("value", escape_markup(value)).field("short", true).end();
}

/// In a code block a line of backticks would end it early.
std::string code_block(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    for (const char c : escape_markup(line)) out.push_back(c == '`' ? '\'' : c);
    out.push_back('\n');
  }
  return out.empty() ? "" : "\n```\n" + out + "```";
}

class Slack final : public Channel {
 public:
  Slack(std::string url, Duration timeout, Words words)
      : url_(std::move(url)), timeout_(timeout), words_(std::move(words)) {}

  Result<std::string> deliver(const Message& message) override {
    return post_json(client_, {url_, timeout_, {}}, slack_payload(message, words_), "Slack");
  }

 private:
  std::string url_;
  Duration timeout_;
  Words words_;
  net::HttpClient client_;
};

}  // namespace

std::string slack_payload(const Message& message, const Words& words) {
  JsonWriter json;
  json.object();
  write_slack_message(json, message, words);
  return json.end().take();
}

void write_slack_message(JsonWriter& json, const Message& message, const Words& words) {
  const AlertSummary alert = summarise(message.alert_json);
  const std::string title = escape_markup(words.title(message, alert));
  json.field("text", title).key("attachments").array().object();
  json.field("color", colour(message, alert)).field("fallback", title).field("title", title);
  json.field("title_link", message.alert_url);
  json.field("text", escape_markup(words.text(message, alert)) +
                         (message.transition == "closed" ? "" : code_block(alert.lines)));
  json.key("fields").array();
  write_field(json, "Severity", alert.severity);
  write_field(json, "Environment", alert.environment);
  write_field(json, "Rule", alert.rule_id);
  write_field(json, "Tier", alert.tier);
  json.end().key("mrkdwn_in").array().value("text").end();
  json.field("footer", "Sentinella").field("ts", alert.updated.ns / 1'000'000'000);
  json.end().end();
}

Result<std::unique_ptr<Channel>> make_slack(std::string_view settings) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {"url", "timeout_seconds", "title", "text"}));
  SENT_TRY_ASSIGN(std::string url, read_url(object));
  SENT_TRY_ASSIGN(Words words, Words::read(object));
  SENT_TRY_ASSIGN(const Duration timeout, read_timeout(object));
  return std::make_unique<Slack>(std::move(url), timeout, std::move(words));
}

}  // namespace sentinella::notify
