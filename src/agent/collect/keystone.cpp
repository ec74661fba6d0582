#include "agent/collect/keystone.h"

#include "agent/collect/sources.h"
#include "base/json.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxTokenAnswer = 8 << 20;

}  // namespace

std::string identity_url(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  for (std::string_view version : {"/v2.0", "/v3"})
    if (url.ends_with(version)) url.remove_suffix(version.size());
  return std::string(url) + "/v3";
}

std::string token_request(const SourceConfig& config, std::string_view password) {
  JsonWriter json;
  json.object().key("auth").object();
  json.key("identity").object().key("methods").array().value("password").end();
  json.key("password").object().key("user").object().field("name", config.user).field("password", password);
  json.key("domain").object().field("name", config.domain).end().end().end().end();
  if (!config.project.empty())
    json.key("scope")
        .object()
        .key("project")
        .object()
        .field("name", config.project)
        .key("domain")
        .object()
        .field("name", config.domain)
        .end()
        .end()
        .end();
  json.end().end();
  return json.take();
}

Result<KeystoneToken> fetch_token(net::HttpClient& client, const SourceConfig& account, Duration limit) {
  SENT_TRY_ASSIGN(const std::string password, password_of(account));
  net::ClientRequest request;
  request.method = "POST";
  request.url = identity_url(account.url) + "/auth/tokens";
  request.headers.set("Content-Type", "application/json");
  request.body = token_request(account, password);
  request.timeout = limit;
  request.max_response_bytes = kMaxTokenAnswer;
  SENT_TRY_ASSIGN(net::Response response, client.send(request));
  if (response.status == 401) return fail(Errc::kUnauthorized, "keystone refuses user {}", account.user);
  if (response.status != 201) return fail(Errc::kUnavailable, "keystone answers {}", response.status);
  return KeystoneToken{std::string(response.headers.get("X-Subject-Token")), std::move(response.body)};
}

}  // namespace sentinella::agent
