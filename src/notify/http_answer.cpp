#include "notify/http_answer.h"

#include "base/text.h"

namespace sentinella::notify {

Result<std::string> judge_response(std::string_view who, const net::Response& response) {
  const std::string quote = to_valid_utf8(std::string_view(response.body).substr(0, 200));
  std::string said = fmt::format("{} answered {} {}{}{}", who, response.status,
                                 net::reason_phrase(response.status), quote.empty() ? "" : ": ", quote);
  const int status = response.status;
  if (status >= 200 && status < 300) return said;
  if (status == 408 || status == 425 || status == 429 || status >= 500)
    return fail(Errc::kUnavailable, "{}", said);
  if (status == 401 || status == 403) return fail(Errc::kForbidden, "{}", said);
  if (status == 404 || status == 410) return fail(Errc::kNotFound, "{}", said);
  return fail(Errc::kInvalid, "{}", said);
}

Result<Duration> read_timeout(const boost::json::object& settings) {
  SENT_TRY_ASSIGN(const auto seconds, optional_number(settings, "timeout_seconds"));
  if (!seconds) return std::chrono::seconds(10);
  if (!(*seconds >= 1 && *seconds <= 60))
    return fail_field(Errc::kInvalid, "timeout_seconds", "1 to 60 seconds are allowed");
  return Duration(static_cast<std::int64_t>(*seconds * 1e9));
}

}  // namespace sentinella::notify
