#include "notify/slack_bot.h"

#include "base/text.h"
#include "notify/http_answer.h"
#include "notify/slack.h"

namespace sentinella::notify {
namespace {

constexpr std::string_view kApiUrl = "https://slack.com/api";

/// "channel/ts" in an answer of ours: what chat.update needs.
struct Posted {
  std::string channel, ts;
};

std::optional<Posted> posted_before(std::string_view answer) {
  const std::size_t at = answer.rfind(" as ");
  if (at == std::string_view::npos) return std::nullopt;
  const auto parts = split(answer.substr(at + 4), '/');
  if (parts.size() != 2) return std::nullopt;
  return Posted{std::string(parts[0]), std::string(parts[1])};
}

class SlackBot final : public Channel {
 public:
  SlackBot(HttpTarget target, std::string channel, Words words)
      : target_(std::move(target)), channel_(std::move(channel)), words_(std::move(words)) {}

  Result<std::string> deliver(const Message& message) override {
    const auto before = posted_before(message.last_answer);
    JsonWriter json;
    json.object().field("channel", before ? before->channel : channel_);
    if (before) json.field("ts", before->ts);
    write_slack_message(json, message, words_);
    return send(before ? "chat.update" : "chat.postMessage", json.end().take());
  }

 private:
  /// Slack says 200 to everything; the body has the truth.
  Result<std::string> send(std::string_view method, std::string body) {
    net::ClientRequest request;
    request.method = "POST";
    request.url = fmt::format("{}/{}", target_.url, method);
    request.timeout = target_.timeout;
    request.max_response_bytes = 256 << 10;
    request.headers.set("Content-Type", "application/json; charset=utf-8");
    for (const auto& [name, value] : target_.headers) request.headers.set(name, value);
    request.body = std::move(body);
    const auto response = client_.send(request);
    if (!response) return fail(Errc::kUnavailable, "{}", response.error().message);
    SENT_TRY(judge_response("Slack", *response));
    const auto answer = parse_json_object(response->body);
    if (!answer) return fail(Errc::kUnavailable, "Slack's answer is not JSON");
    if (optional_bool(*answer, "ok").value_or(std::nullopt).value_or(false)) {
      const std::string channel =
          optional_string(*answer, "channel").value_or(std::nullopt).value_or(channel_);
      const std::string ts = optional_string(*answer, "ts").value_or(std::nullopt).value_or("");
      return fmt::format("Slack has it as {}/{}", channel, ts);
    }
    const std::string error = optional_string(*answer, "error").value_or(std::nullopt).value_or("no reason");
    const bool later = error == "ratelimited" || error == "internal_error" || error == "fatal_error" ||
                       error == "service_unavailable" || error == "request_timeout";
    return fail(later ? Errc::kUnavailable : Errc::kInvalid, "Slack refused it: {}", error);
  }

  HttpTarget target_;
  std::string channel_;
  Words words_;
  net::HttpClient client_;
};

}  // namespace

Result<std::unique_ptr<Channel>> make_slack_bot(std::string_view settings) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {"token", "channel", "url", "timeout_seconds", "title", "text"}));
  HttpTarget target;
  SENT_TRY_ASSIGN(target.url, read_url(object, kApiUrl));
  while (target.url.ends_with('/')) target.url.pop_back();
  SENT_TRY_ASSIGN(target.timeout, read_timeout(object));
  SENT_TRY_ASSIGN(const std::string token, required_string(object, "token"));
  SENT_TRY_ASSIGN(std::string channel, required_string(object, "channel"));
  target.headers.emplace_back("Authorization", "Bearer " + token);
  SENT_TRY_ASSIGN(Words words, Words::read(object));
  return std::make_unique<SlackBot>(std::move(target), std::move(channel), std::move(words));
}

}  // namespace sentinella::notify
