#include "api/http_errors.h"

#include "base/json.h"

namespace sentinella::api {
namespace {

net::Response render(int status, std::string_view code, std::string_view message, std::string_view field,
                     const std::string& request_id) {
  JsonWriter json;
  json.object().key("error").object().field("code", code).field("message", message);
  if (!field.empty()) json.field("field", field);
  json.field("request_id", request_id).end().end();
  net::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  response.body = json.take();
  return response;
}

bool is_our_own_fault(Errc code) {
  return code == Errc::kIo || code == Errc::kCorrupt || code == Errc::kInternal;
}

std::string_view retry_after_seconds(Errc code) {
  switch (code) {
    case Errc::kRateLimited:
      return "60";
    case Errc::kUnavailable:
      return "2";
    case Errc::kNoSpace:
      return "30";
    default:
      return "";
  }
}

}  // namespace

int http_status(Errc code) {
  switch (code) {
    case Errc::kInvalid:
      return 400;
    case Errc::kUnsupported:
      return 415;
    case Errc::kUnauthorized:
      return 401;
    case Errc::kForbidden:
      return 403;
    case Errc::kNotFound:
      return 404;
    case Errc::kConflict:
      return 409;
    case Errc::kTooLarge:
      return 413;
    case Errc::kRateLimited:
      return 429;
    case Errc::kUnavailable:
      return 503;
    case Errc::kNoSpace:
      return 507;
    case Errc::kIo:
    case Errc::kCorrupt:
    case Errc::kInternal:
      return 500;
  }
  return 500;
}

net::Response error_response(const Error& error, const std::string& request_id) {
  const bool hidden = is_our_own_fault(error.code);
  auto response =
      render(http_status(error.code), to_string(error.code),
             hidden ? "the server failed to do this; its log says why, under this request id" : error.message,
             hidden ? "" : error.field, request_id);
  if (const auto seconds = retry_after_seconds(error.code); !seconds.empty())
    response.headers.set("Retry-After", seconds);
  // Not Basic, though we take it: a browser would open its own password dialog over the page's.
  if (error.code == Errc::kUnauthorized)
    response.headers.set("WWW-Authenticate", "Bearer realm=\"sentinella\"");
  return response;
}

net::Response no_such_path(const std::string& path, const std::string& request_id) {
  return render(404, "not_found", fmt::format("there is nothing at {}; see /api/v1/openapi.json", path), "",
                request_id);
}

net::Response method_not_allowed(const std::string& method, const std::string& allow,
                                 const std::string& request_id) {
  auto response = render(405, "method_not_allowed",
                         fmt::format("{} is not for this path; it takes {}", method, allow), "", request_id);
  response.headers.set("Allow", allow);
  return response;
}

}  // namespace sentinella::api
