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

Result<std::string> post_json(net::HttpClient& client, const HttpTarget& target, std::string body,
                              std::string_view who) {
  net::ClientRequest request;
  request.method = "POST";
  request.url = target.url;
  request.timeout = target.timeout;
  request.max_response_bytes = 64 << 10;
  request.headers.set("Content-Type", "application/json");
  request.headers.set("User-Agent", "sentinella");
  for (const auto& [name, value] : target.headers) request.headers.set(name, value);
  request.body = std::move(body);
  const auto response = client.send(request);
  if (!response) return fail(Errc::kUnavailable, "{}", response.error().message);
  return judge_response(who, *response);
}

Result<std::string> read_url(const boost::json::object& settings, std::string_view fallback) {
  SENT_TRY_ASSIGN(const auto given, optional_string(settings, "url"));
  if (!given && fallback.empty()) return fail_field(Errc::kInvalid, "url", "is missing");
  std::string url = given.value_or(std::string(fallback));
  if (!net::parse_url(url)) return fail_field(Errc::kInvalid, "url", "an http or https URL expected");
  return url;
}

Result<Duration> read_timeout(const boost::json::object& settings) {
  SENT_TRY_ASSIGN(const auto seconds, optional_number(settings, "timeout_seconds"));
  if (!seconds) return std::chrono::seconds(10);
  if (!(*seconds >= 1 && *seconds <= 60))
    return fail_field(Errc::kInvalid, "timeout_seconds", "1 to 60 seconds are allowed");
  return Duration(static_cast<std::int64_t>(*seconds * 1e9));
}

}  // namespace sentinella::notify
