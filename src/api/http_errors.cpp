#include "api/http_errors.h"

#include "base/json.h"

namespace sentinella::api {
namespace {

struct Refusal {
  int status = 0;
  std::string_view code, message, field;
};

std::string in_our_words(const Refusal& refusal, const std::string& request_id) {
  JsonWriter json;
  json.object().key("error").object().field("code", refusal.code).field("message", refusal.message);
  if (!refusal.field.empty()) json.field("field", refusal.field);
  return json.field("request_id", request_id).end().end().take();
}

std::string in_alertas_words(const Refusal& refusal, const std::string& request_id) {
  JsonWriter json;
  json.object().field("status", "error").field("message", refusal.message).field("code", refusal.status);
  return json.key("errors").null().field("requestId", request_id).end().take();
}

net::Response render(const Refusal& refusal, const std::string& request_id, ErrorForm form) {
  net::Response response;
  response.status = refusal.status;
  response.headers.set("Content-Type", "application/json");
  response.body =
      form == ErrorForm::alerta ? in_alertas_words(refusal, request_id) : in_our_words(refusal, request_id);
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

ErrorForm error_form_of(std::string_view path) {
  constexpr std::string_view kAlerta = "/alerta";
  const bool within =
      path.starts_with(kAlerta) && (path.size() == kAlerta.size() || path[kAlerta.size()] == '/');
  return within ? ErrorForm::alerta : ErrorForm::ours;
}

net::Response error_response(const Error& error, const std::string& request_id, ErrorForm form) {
  const bool hidden = is_our_own_fault(error.code);
  const std::string_view message =
      hidden ? std::string_view("the server failed to do this; its log says why, under this request id")
             : std::string_view(error.message);
  auto response = render({http_status(error.code), to_string(error.code), message,
                          hidden ? std::string_view() : std::string_view(error.field)},
                         request_id, form);
  if (const auto seconds = retry_after_seconds(error.code); !seconds.empty())
    response.headers.set("Retry-After", seconds);
  // Not Basic, though we take it: a browser would open its own password dialog over the page's.
  if (error.code == Errc::kUnauthorized)
    response.headers.set("WWW-Authenticate", "Bearer realm=\"sentinella\"");
  return response;
}

net::Response no_such_path(const std::string& path, const std::string& request_id) {
  const std::string message = fmt::format("there is nothing at {}; see /api/v1/openapi.json", path);
  return render({404, "not_found", message, ""}, request_id, error_form_of(path));
}

net::Response method_not_allowed(const std::string& method, const std::string& allow,
                                 const std::string& request_id, ErrorForm form) {
  const std::string message = fmt::format("{} is not for this path; it takes {}", method, allow);
  auto response = render({405, "method_not_allowed", message, ""}, request_id, form);
  response.headers.set("Allow", allow);
  return response;
}

}  // namespace sentinella::api
