#include "notify/slack.h"

#include "base/json.h"
#include "net/http_client.h"
#include "notify/alert_summary.h"
#include "notify/http_answer.h"

namespace sentinella::notify {
namespace {

/// Slack's three control characters; everything else is text to it.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

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
  json.object().field("title", title).field("value", escape(value)).field("short", true).end();
}

/// In a code block a line of backticks would end it early.
std::string code_block(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    for (const char c : escape(line)) out.push_back(c == '`' ? '\'' : c);
    out.push_back('\n');
  }
  return out.empty() ? "" : "\n```\n" + out + "```";
}

class Slack final : public Channel {
 public:
  Slack(std::string url, Duration timeout) : url_(std::move(url)), timeout_(timeout) {}

  Result<std::string> deliver(const Message& message) override {
    net::ClientRequest request;
    request.method = "POST";
    request.url = url_;
    request.timeout = timeout_;
    request.max_response_bytes = 64 << 10;
    request.headers.set("Content-Type", "application/json");
    request.headers.set("User-Agent", "sentinella");
    request.body = slack_payload(message);
    const auto response = client_.send(request);
    if (!response) return fail(Errc::kUnavailable, "{}", response.error().message);
    return judge_response("Slack", *response);
  }

 private:
  std::string url_;
  Duration timeout_;
  net::HttpClient client_;
};

}  // namespace

std::string slack_payload(const Message& message) {
  const AlertSummary alert = summarise(message.alert_json);
  const std::string title = escape(headline(message, alert));
  JsonWriter json;
  json.object().field("text", title).key("attachments").array().object();
  json.field("color", colour(message, alert)).field("fallback", title).field("title", title);
  json.field("title_link", message.alert_url);
  json.field("text", escape(alert.text) + (message.transition == "closed" ? "" : code_block(alert.lines)));
  json.key("fields").array();
  write_field(json, "Severity", alert.severity);
  write_field(json, "Environment", alert.environment);
  write_field(json, "Rule", alert.rule_id);
  write_field(json, "Tier", alert.tier);
  json.end().key("mrkdwn_in").array().value("text").end();
  json.field("footer", "Sentinella").field("ts", alert.updated.ns / 1'000'000'000);
  return json.end().end().end().take();
}

Result<std::unique_ptr<Channel>> make_slack(std::string_view settings) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {"url", "timeout_seconds"}));
  SENT_TRY_ASSIGN(std::string url, required_string(object, "url"));
  if (!net::parse_url(url)) return fail_field(Errc::kInvalid, "url", "an http or https URL expected");
  SENT_TRY_ASSIGN(const Duration timeout, read_timeout(object));
  return std::make_unique<Slack>(std::move(url), timeout);
}

}  // namespace sentinella::notify
