#include <cstddef>
#include <cstdint>

#include "agent/check/check_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto target = parse_check_url(text)) static_cast<void>(check_request(*target));
  for (const CheckScheme scheme : {CheckScheme::http, CheckScheme::mysql, CheckScheme::amqp,
                                   CheckScheme::memcached, CheckScheme::redis, CheckScheme::ssh})
    static_cast<void>(judge_reply(scheme, text));
  static const HttpExpectation expectation{.statuses = {{200, 299}}, .body = "a", .fields = {{"a.0", "1"}}};
  static_cast<void>(unmet(expectation, read_http_answer(text)));
  if (const auto object = sentinella::parse_json_object(text)) static_cast<void>(parse_expectation(*object));
  return 0;
}
