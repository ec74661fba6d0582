#include "api/gnocchi/keystone.h"

#include "base/crypto.h"
#include "base/json.h"
#include "net/http_client.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr std::size_t kMostTokens = 10'000;
constexpr std::size_t kLongestToken = 16u << 10;
constexpr Duration kRefusalLife = std::chrono::seconds(30);
constexpr Duration kPatience = std::chrono::seconds(5);

std::string text_at(const boost::json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::string id_of(const boost::json::object& token, std::string_view what) {
  const auto* found = token.if_contains(what);
  return found && found->is_object() ? text_at(found->get_object(), "id") : std::string();
}

Result<TokenOwner> read_owner(std::string_view body) {
  SENT_TRY_ASSIGN(const auto answer, parse_json_object(body));
  const auto* found = answer.if_contains("token");
  if (found == nullptr || !found->is_object())
    return fail(Errc::kUnavailable, "Keystone's answer about a token has no token in it");
  const auto& token = found->get_object();
  TokenOwner owner{id_of(token, "user"), id_of(token, "project"), {}, {}};
  SENT_TRY_ASSIGN(owner.expires, parse_rfc3339(text_at(token, "expires_at")));
  if (const auto* roles = token.if_contains("roles"); roles && roles->is_array())
    for (const auto& role : roles->get_array())
      if (role.is_object()) owner.roles.push_back(text_at(role.get_object(), "name"));
  return owner;
}

std::unexpected<Error> no_good() {
  return fail(Errc::kUnauthorized, "the token is not one of Keystone's, or has expired");
}

}  // namespace

Keystone::Keystone(KeystoneOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      known_(options_.cache_life, kMostTokens),
      unknown_(kRefusalLife, kMostTokens),
      client_(std::make_unique<net::HttpClient>()) {}
Keystone::~Keystone() = default;

Result<TokenOwner> Keystone::validate(const std::string& token) {
  if (token.size() > kLongestToken) return no_good();
  const std::string key = to_hex(sha256(token));
  const auto remembered = [&]() -> std::optional<Result<TokenOwner>> {
    const Time now = clock_.now();
    if (const auto owner = known_.get(key, now)) {
      if (owner->expires <= now) return no_good();
      return *owner;
    }
    if (unknown_.get(key, now)) return no_good();
    return std::nullopt;
  };
  if (auto answer = remembered()) return *std::move(answer);
  Lock lock(asking_);
  if (auto answer = remembered()) return *std::move(answer);
  auto owner = ask(token);
  if (owner)
    known_.put(key, *owner, clock_.now());
  else if (owner.error().code == Errc::kUnauthorized)
    unknown_.put(key, true, clock_.now());
  return owner;
}

Result<TokenOwner> Keystone::ask(const std::string& token) {
  for (const bool again : {false, true}) {
    if (own_token_.empty()) SENT_TRY(log_in());
    net::ClientRequest request{.method = "GET", .url = options_.url + "/auth/tokens", .timeout = kPatience};
    request.headers.set("X-Auth-Token", own_token_);
    request.headers.set("X-Subject-Token", token);
    request.headers.set("Accept", "application/json");
    SENT_TRY_ASSIGN(const auto response, client_->send(request));
    if (response.status == 200) return read_owner(response.body);
    if (response.status == 404) return no_good();
    own_token_.clear();
    if (again || response.status != 401)
      return fail(Errc::kUnavailable, "Keystone answered {} when it was asked about a token",
                  response.status);
  }
  return no_good();
}

Result<void> Keystone::log_in() {
  JsonWriter json;
  const auto named = [&](std::string_view key, std::string_view name, std::string_view domain) {
    json.key(key).object().field("name", name).key("domain").object().field("name", domain).end();
  };
  json.object().key("auth").object().key("identity").object().key("methods").array().value("password").end();
  json.key("password").object();
  named("user", options_.user, options_.user_domain);
  json.field("password", options_.password).end().end().end().key("scope").object();
  named("project", options_.project, options_.project_domain);
  json.end().end().end().end();
  net::ClientRequest request{
      .method = "POST", .url = options_.url + "/auth/tokens", .body = json.take(), .timeout = kPatience};
  request.headers.set("Content-Type", "application/json");
  SENT_TRY_ASSIGN(const auto response, client_->send(request));
  own_token_ = response.headers.get("X-Subject-Token");
  if (response.status != 201 || own_token_.empty())
    return fail(Errc::kUnavailable, "Keystone answered {} to the login of {}", response.status,
                options_.user);
  return {};
}

}  // namespace sentinella::api::gnocchi
