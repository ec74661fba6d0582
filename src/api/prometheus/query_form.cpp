#include "api/prometheus/query_form.h"

#include <algorithm>
#include <cmath>

#include "api/reply.h"
#include "base/log.h"
#include "base/text.h"
#include "query/lexer.h"

namespace sentinella::api::prometheus {
namespace {

// What fits into 64-bit nanoseconds.
constexpr double kMostSeconds = 9.2e9;

Reply error_reply(int status, std::string_view type, std::string_view message) {
  JsonWriter json;
  json.object().field("status", "error").field("errorType", type).field("error", message).end();
  return json_reply(json.take(), status);
}

}  // namespace

Form::Form(const net::Request& request) : pairs_(net::parse_query(request.query)) {
  const std::string_view type = request.headers.get("Content-Type");
  if (!iequals(trim(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded")) return;
  // The body's parameters come first, as Go's ParseForm has them.
  auto body = net::parse_query(request.body);
  body.insert(body.end(), std::make_move_iterator(pairs_.begin()), std::make_move_iterator(pairs_.end()));
  pairs_ = std::move(body);
}

std::string Form::text(std::string_view name) const {
  const auto found =
      std::ranges::find(pairs_, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found == pairs_.end() ? "" : found->second;
}

std::vector<std::string> Form::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : pairs_)
    if (key == name) values.push_back(value);
  return values;
}

Result<std::int64_t> Form::time_ms(std::string_view name, std::optional<std::int64_t> fallback) const {
  const auto given = text(name);
  if (given.empty() && fallback) return *fallback;
  if (const auto seconds = parse_double(given); seconds && std::abs(*seconds) < kMostSeconds)
    return std::llround(*seconds * 1000);
  if (const auto time = parse_rfc3339(given)) return time->ns / 1'000'000;
  return fail(Errc::kInvalid, "cannot parse \"{}\" to a valid timestamp", given);
}

Result<std::int64_t> Form::duration_ms(std::string_view name) const {
  const auto given = text(name);
  if (const auto seconds = parse_double(given); seconds && std::abs(*seconds) < kMostSeconds)
    return static_cast<std::int64_t>(*seconds * 1000);
  if (const auto ms = query::parse_duration_ms(given)) return *ms;
  return fail(Errc::kInvalid, "cannot parse \"{}\" to a valid duration", given);
}

Reply success(std::string_view data) {
  std::string body = R"({"status":"success","data":)";
  body += data;
  body += '}';
  return json_reply(std::move(body));
}

Reply bad_data(std::string_view message) {
  return error_reply(400, "bad_data", message);
}

Reply bad_parameter(std::string_view name, const Error& error) {
  return bad_data(fmt::format("invalid parameter \"{}\": {}", name, error.message));
}

Reply failure(const Error& error, const std::string& request_id) {
  switch (error.code) {
    case Errc::kUnavailable:
      return error_reply(503, error.field == "timeout" ? "timeout" : "canceled", error.message);
    case Errc::kIo:
    case Errc::kCorrupt:
    case Errc::kInternal:
      log::error("api", "[{}] query failed: {}", request_id, describe(error));
      return error_reply(500, "internal",
                         "the server failed to do this; its log says why, under this request id");
    default:
      return error_reply(422, "execution", error.message);
  }
}

}  // namespace sentinella::api::prometheus
