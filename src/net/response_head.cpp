#include "net/response_head.h"

#include <array>
#include <ctime>
#include <iterator>

#include "base/text.h"
#include "net/http_parser.h"

namespace sentinella::net {
namespace {

/// "Mon, 02 Mar 2026 10:11:12 GMT" (RFC 9110, 5.6.7), whatever the locale.
std::string format_date(Time t) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = t.ns / 1'000'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(utc.tm_wday)],
                     utc.tm_mday, kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/// Thousands of answers leave in one second.
const std::string& http_date(Time t) {
  thread_local std::int64_t second = -1;
  thread_local std::string text;
  if (const std::int64_t now = t.ns / 1'000'000'000; now != second) text = format_date(t), second = now;
  return text;
}

constexpr std::size_t kUsualHead = 1024;

bool is_framing(std::string_view name) {
  for (const std::string_view framing : {"content-length", "transfer-encoding", "connection", "date"})
    if (name.size() == framing.size() && iequals(name, framing)) return true;
  return false;
}

}  // namespace

std::string serialize_head(const Response& response, const HeadOptions& options) {
  std::string out;
  out.reserve(kUsualHead);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 reason_phrase(response.status), http_date(options.now));
  const auto append = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  for (const Header& header : response.headers)
    if (!is_framing(header.name) && is_token(header.name) && is_field_value(header.value))
      append(header.name, header.value);

  const bool bodiless = response.status < 200 || response.status == 204 || response.status == 304;
  if (response.stream || response.pieces) {
    if (options.minor_version >= 1) append("Transfer-Encoding", "chunked");
  } else if (!bodiless) {
    const auto given = parse_uint(response.headers.get("content-length"));
    append("Content-Length", std::to_string(options.head_request && response.body.empty() && given
                                                ? *given
                                                : std::uint64_t{response.body.size()}));
  }
  if (!options.keep_alive)
    append("Connection", "close");
  else if (options.minor_version == 0)
    append("Connection", "keep-alive");
  out += "\r\n";
  return out;
}

Response error_response(int status, std::string_view code, std::string_view message) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = fmt::format(R"({{"error":{{"code":"{}","message":"{}"}}}})", code, message);
  return response;
}

Response error_response(const Error& error) {
  int status = 400;
  if (error.code == Errc::kTooLarge) status = error.field == "headers" ? 431 : 413;
  if (error.code == Errc::kUnsupported) status = error.field == "version" ? 505 : 501;
  return error_response(status, to_string(error.code), error.message);
}

}  // namespace sentinella::net
