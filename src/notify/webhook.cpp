#include "notify/webhook.h"

#include "base/crypto.h"
#include "base/json.h"
#include "net/http_client.h"
#include "notify/http_answer.h"

namespace sentinella::notify {
namespace {

class Webhook final : public Channel {
 public:
  Webhook(std::string url, std::string secret, Duration timeout, net::TlsClientOptions tls)
      : url_(std::move(url)), secret_(std::move(secret)), timeout_(timeout), client_(std::move(tls)) {}

  Result<std::string> deliver(const Message& message) override {
    std::string body = webhook_body(message);
    HttpTarget target{url_, timeout_, {{"X-Sentinella-Delivery", message.delivery_id}}};
    if (!secret_.empty())
      target.headers.emplace_back("X-Sentinella-Signature", "sha256=" + to_hex(hmac_sha256(secret_, body)));
    return post_json(client_, target, std::move(body), "the receiver");
  }

 private:
  std::string url_;
  std::string secret_;
  Duration timeout_;
  net::HttpClient client_;
};

}  // namespace

std::string webhook_body(const Message& message) {
  std::string playbook;
  if (const auto alert = parse_json_object(message.alert_json))
    if (const auto text = optional_string(*alert, "playbook"); text && *text) playbook = **text;
  JsonWriter json;
  json.object().field("event", "alert." + message.transition).field("seq", message.sequence);
  json.field("attempt", message.attempt).field("delivery_id", message.delivery_id);
  json.key("alert").raw(message.alert_json).field("alert_url", message.alert_url).field("playbook", playbook);
  return json.end().take();
}

Result<std::unique_ptr<Channel>> make_webhook(std::string_view settings) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {"url", "secret", "timeout_seconds", "pinned_sha256"}));
  SENT_TRY_ASSIGN(std::string url, read_url(object));
  SENT_TRY_ASSIGN(const auto secret, optional_string(object, "secret"));
  SENT_TRY_ASSIGN(const auto pin, optional_string(object, "pinned_sha256"));
  SENT_TRY_ASSIGN(const Duration timeout, read_timeout(object));
  net::TlsClientOptions tls;
  tls.pinned_sha256 = pin.value_or("");
  return std::make_unique<Webhook>(std::move(url), secret.value_or(""), timeout, std::move(tls));
}

}  // namespace sentinella::notify
