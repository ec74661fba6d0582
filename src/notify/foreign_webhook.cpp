#include "notify/foreign_webhook.h"

#include "base/json.h"
#include "notify/http_answer.h"

namespace sentinella::notify {
namespace {

using Body = std::string (*)(const Message&);

class ForeignWebhook final : public Channel {
 public:
  ForeignWebhook(HttpTarget target, net::TlsClientOptions tls, Body body)
      : target_(std::move(target)), client_(std::move(tls)), body_(body) {}

  Result<std::string> deliver(const Message& message) override {
    HttpTarget target = target_;
    target.headers.emplace_back("X-Sentinella-Delivery", message.delivery_id);
    // The same in the words of OpenStack's receivers.
    target.headers.emplace_back("X-OpenStack-Request-Id", "req-" + message.delivery_id);
    return post_json(client_, target, body_(message), "the receiver");
  }

 private:
  HttpTarget target_;
  net::HttpClient client_;
  Body body_;
};

Result<std::unique_ptr<Channel>> make(std::string_view settings, Body body) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {"url", "bearer_token", "timeout_seconds", "pinned_sha256"}));
  HttpTarget target;
  SENT_TRY_ASSIGN(target.url, read_url(object));
  SENT_TRY_ASSIGN(target.timeout, read_timeout(object));
  SENT_TRY_ASSIGN(const auto token, optional_string(object, "bearer_token"));
  if (token && !token->empty()) target.headers.emplace_back("Authorization", "Bearer " + *token);
  SENT_TRY_ASSIGN(const auto pin, optional_string(object, "pinned_sha256"));
  net::TlsClientOptions tls;
  tls.pinned_sha256 = pin.value_or("");
  return std::make_unique<ForeignWebhook>(std::move(target), std::move(tls), body);
}

}  // namespace

Result<std::unique_ptr<Channel>> make_alertmanager_webhook(std::string_view settings) {
  return make(settings, alertmanager_body);
}

Result<std::unique_ptr<Channel>> make_monasca_webhook(std::string_view settings) {
  return make(settings, monasca_body);
}

Result<std::unique_ptr<Channel>> make_aodh_webhook(std::string_view settings) {
  return make(settings, aodh_body);
}

}  // namespace sentinella::notify
