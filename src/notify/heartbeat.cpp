#include "notify/heartbeat.h"

#include "base/json.h"
#include "notify/http_answer.h"

namespace sentinella::notify {
namespace {

class Heartbeat final : public Channel {
 public:
  explicit Heartbeat(HttpTarget target) : target_(std::move(target)) {}
  Result<std::string> deliver(const Message&) override {
    return post_json(client_, target_, R"({"origin":"sentinella","alive":true})", "the receiver");
  }

 private:
  HttpTarget target_;
  net::HttpClient client_;
};

}  // namespace

Result<std::unique_ptr<Channel>> make_heartbeat(std::string_view settings) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {"url", "timeout_seconds"}));
  HttpTarget target;
  SENT_TRY_ASSIGN(target.url, read_url(object));
  SENT_TRY_ASSIGN(target.timeout, read_timeout(object));
  return std::make_unique<Heartbeat>(std::move(target));
}

}  // namespace sentinella::notify
