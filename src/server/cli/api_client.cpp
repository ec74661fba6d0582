#include "server/cli/api_client.h"

#include <cstdlib>

#include "base/file.h"
#include "base/json.h"
#include "net/http_client.h"

namespace sentinella::server {
namespace {

void from_environment(std::string& value, const char* name) {
  if (const char* given = std::getenv(name); value.empty() && given != nullptr) value = given;
}

Errc code_of(int status) {
  switch (status) {
    case 400:
      return Errc::kInvalid;
    case 401:
      return Errc::kUnauthorized;
    case 403:
      return Errc::kForbidden;
    case 404:
      return Errc::kNotFound;
    case 409:
      return Errc::kConflict;
    case 413:
      return Errc::kTooLarge;
    default:
      return status >= 500 ? Errc::kUnavailable : Errc::kInvalid;
  }
}

std::unexpected<Error> error_of(const net::Response& response) {
  const auto body = parse_json_object(response.body);
  const auto* error = body ? body->if_contains("error") : nullptr;
  // The door for Prometheus' clients has a text there.
  if (error != nullptr && error->is_string())
    return std::unexpected(Error{code_of(response.status), std::string(error->get_string()), {}});
  if (error == nullptr || !error->is_object())
    return fail(code_of(response.status), "the server answered {} {}", response.status,
                net::reason_phrase(response.status));
  const auto text = [&](std::string_view name) {
    const auto* value = error->get_object().if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  return std::unexpected(Error{code_of(response.status), text("message"), text("field")});
}

}  // namespace

Result<ApiAccess> find_access(ApiAccess given, const std::string& data_dir) {
  from_environment(given.url, "SENTINELLA_URL");
  from_environment(given.api_key, "SENTINELLA_API_KEY");
  if (!given.url.empty() && !given.api_key.empty()) return given;
  const std::string file = (data_dir.empty() ? "/var/lib/sentinella-server" : data_dir) + "/bootstrap.json";
  const auto text = read_file(file, 1 << 16);
  if (!text)
    return fail(Errc::kInvalid, "say --server and --api-key (or SENTINELLA_URL, SENTINELLA_API_KEY): {}",
                text.error().message);
  SENT_TRY_ASSIGN(const auto object, parse_json_object(*text));
  if (given.url.empty()) {
    SENT_TRY_ASSIGN(given.url, required_string(object, "url"));
  }
  if (given.api_key.empty()) {
    SENT_TRY_ASSIGN(given.api_key, required_string(object, "api_key"));
  }
  return given;
}

Result<boost::json::value> call(const ApiAccess& access, const std::string& method, const std::string& path,
                                const std::string& body) {
  net::HttpClient client({.ca_file = access.ca_file});
  net::ClientRequest request{.method = method, .url = access.url + path, .body = body};
  request.headers.set("Authorization", "Bearer " + access.api_key);
  if (!body.empty()) request.headers.set("Content-Type", "application/json");
  SENT_TRY_ASSIGN(const net::Response response, client.send(request));
  if (response.status >= 400) return error_of(response);
  if (response.body.empty()) return boost::json::value();
  return parse_json(response.body);
}

Result<void> stream(const ApiAccess& access, const std::string& path, const std::string& last_event_id,
                    const std::function<bool(std::string_view)>& piece) {
  net::HttpClient client({.ca_file = access.ca_file});
  net::ClientRequest request{.method = "GET", .url = access.url + path};
  request.timeout = std::chrono::hours(24);  // the server ends it before
  request.on_body = piece;
  request.headers.set("Authorization", "Bearer " + access.api_key);
  if (!last_event_id.empty()) request.headers.set("Last-Event-ID", last_event_id);
  const auto response = client.send(request);
  if (response && response->status >= 400) return error_of(*response);
  return response ? Result<void>() : std::unexpected(response.error());
}

}  // namespace sentinella::server
