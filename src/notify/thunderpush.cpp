#include "notify/thunderpush.h"

#include <algorithm>

#include "base/json.h"
#include "notify/http_answer.h"
#include "notify/webhook.h"

namespace sentinella::notify {
namespace {

constexpr std::size_t kMaxName = 64;

class Thunderpush final : public Channel {
 public:
  explicit Thunderpush(HttpTarget target) : target_(std::move(target)) {}

  Result<std::string> deliver(const Message& message) override {
    return post_json(client_, target_, webhook_body(message), "Thunderpush");
  }

 private:
  HttpTarget target_;
  net::HttpClient client_;
};

/// Becomes a part of the path as it is.
Result<std::string> read_name(std::string name, std::string_view field) {
  const bool known = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-=@,.;").contains(c);
  });
  if (!known || name.empty() || name.size() > kMaxName || name.find_first_not_of('.') == std::string::npos)
    return fail_field(Errc::kInvalid, field, "1 to {} letters, digits and _-=@,.; expected", kMaxName);
  return name;
}

}  // namespace

Result<std::unique_ptr<Channel>> make_thunderpush(std::string_view settings) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {"url", "api_key", "secret_key", "channel", "timeout_seconds"}));
  HttpTarget target;
  SENT_TRY_ASSIGN(target.url, read_url(object));
  SENT_TRY_ASSIGN(target.timeout, read_timeout(object));
  SENT_TRY_ASSIGN(std::string key, required_string(object, "api_key"));
  SENT_TRY_ASSIGN(key, read_name(std::move(key), "api_key"));
  SENT_TRY_ASSIGN(auto channel, optional_string(object, "channel"));
  SENT_TRY_ASSIGN(const std::string name, read_name(channel.value_or("alerts"), "channel"));
  SENT_TRY_ASSIGN(const std::string secret, required_string(object, "secret_key"));
  while (target.url.ends_with('/')) target.url.pop_back();
  target.url += fmt::format("/api/1.0.0/{}/channels/{}/", key, name);
  target.headers.emplace_back("X-Thunder-Secret-Key", secret);
  return std::make_unique<Thunderpush>(std::move(target));
}

}  // namespace sentinella::notify
