#include "auth/authenticator.h"

#include "auth/authenticator_impl.h"
#include "auth/credentials.h"
#include "auth/password.h"
#include "auth/secrets.h"
#include "base/log.h"

namespace sentinella::auth {
namespace {

constexpr std::string_view kSigningKey = "jwt_signing_key";

/// In hex, because settings are text.
Result<std::string> signing_key(catalog::Transaction& tx) {
  SENT_TRY_ASSIGN(const auto stored, catalog::get_setting(tx, std::string(kSigningKey)));
  if (!stored) {
    std::string key = random_bytes(32);
    SENT_TRY(catalog::set_setting(tx, std::string(kSigningKey), to_hex(key)));
    return key;
  }
  const auto key = from_hex(*stored);
  if (!key || key->size() != 32)
    return fail(Errc::kCorrupt, "the setting {} in the catalogue is not 32 bytes in hex", kSigningKey);
  return *key;
}

/// Unambiguous for any bytes in either.
std::string joined(const std::string& name, const std::string& password) {
  return fmt::format("{}:{}{}", name.size(), name, password);
}

}  // namespace

Error as_unauthorized(Error error, std::string_view why) {
  if (error.code != Errc::kNotFound) return error;
  return {Errc::kUnauthorized, std::string(why), {}};
}

Authenticator::Authenticator() = default;
Authenticator::~Authenticator() = default;

Result<std::unique_ptr<Authenticator>> Authenticator::create(catalog::Database& database, const Clock& clock,
                                                             AuthOptions options) {
  std::unique_ptr<Authenticator> authenticator(new Authenticator);
  authenticator->impl_ = std::make_unique<Impl>(database, clock, options);
  Impl& impl = *authenticator->impl_;
  SENT_TRY_ASSIGN(impl.signing_key, impl.write(signing_key));
  impl.login_cache_key = random_bytes(32);
  impl.nobodys_hash = hash_password(random_token());
  if (impl.nobodys_hash.empty()) return fail(Errc::kUnavailable, "not enough memory to hash a password");
  return authenticator;
}

Result<Caller> Authenticator::authenticate(const net::Request& request) {
  SENT_TRY_ASSIGN(const auto credentials, parse_credentials(request.headers.get("Authorization")));
  if (const auto* login = std::get_if<BasicLogin>(&credentials))
    return impl_->caller_of_login(login->name, login->password, request.peer);
  const std::string& token = std::get<BearerToken>(credentials).token;
  if (token.starts_with(kApiKeyPrefix)) return impl_->caller_of_key(token);
  if (token.starts_with(kAgentKeyPrefix) || token.starts_with(kAccountKeyPrefix))
    return fail(Errc::kUnauthorized,
                "agent and account keys do not open this: an agent buys a token with its key");
  return impl_->caller_of_token(token);
}

Result<Caller> Authenticator::Impl::caller_of_token(const std::string& token) {
  const Time now = clock.now();
  Result<Claims> claims = verify_jwt(token, signing_key, kUserAudience, now);
  if (!claims && claims.error().field == "aud") {
    claims = verify_jwt(token, signing_key, kAgentAudience, now);
    SENT_TRY(claims);
    return caller_of_agent(*claims);
  }
  SENT_TRY(claims);
  const std::string session = claims->id.substr(0, claims->id.find('.'));
  SENT_TRY_ASSIGN(const KnownUser user, find_known_user(claims->subject, session));
  return user.caller;
}

Result<Authenticator::Impl::KnownUser> Authenticator::Impl::find_known_user(
    const std::string& user_id, const std::optional<std::string>& session) {
  const Time now = clock.now();
  const std::string cache_key = session ? user_id + "/" + *session : user_id;
  if (auto known = users.get(cache_key, now)) return *std::move(known);
  auto found = read([&](catalog::Transaction& tx) -> Result<User> {
    SENT_TRY_ASSIGN(User user, catalog::find_user(tx, user_id));
    if (session) SENT_TRY(catalog::find_session(tx, *session));
    return user;
  });
  if (!found) return std::unexpected(as_unauthorized(found.error(), "the session has ended: log in again"));
  KnownUser known{.caller = {.kind = Caller::Kind::user,
                             .account = found->account,
                             .id = found->id,
                             .name = found->name,
                             .role = found->role,
                             .server_admin = found->server_admin},
                  .password_hash = found->password_hash};
  users.put(cache_key, known, now);
  return known;
}

Result<Caller> Authenticator::Impl::caller_of_key(const std::string& secret) {
  const Time now = clock.now();
  const std::string hash = hash_secret(secret);
  std::optional<ApiKey> key = keys.get(hash, now);
  if (!key) {
    auto found = read([&](catalog::Transaction& tx) { return catalog::find_key_by_hash(tx, hash); });
    if (!found)
      return std::unexpected(as_unauthorized(found.error(), "the API key is unknown or was deleted"));
    key = *std::move(found);
    keys.put(hash, *key, now);
  }
  if (key->expires && *key->expires <= now)
    return fail(Errc::kUnauthorized, "the API key expired at {}", to_rfc3339(*key->expires));
  if (!touched_keys.get(key->id, now)) {
    touched_keys.put(key->id, true, now);
    // Who may enter does not hang on whether the visit could be noted.
    const auto noted = write([&](catalog::Transaction& tx) { return catalog::touch_key(tx, key->id, now); });
    if (!noted)
      log::warning("auth", "the last use of API key {} is not noted: {}", key->id, noted.error().message);
  }
  return Caller{.kind = Caller::Kind::api_key,
                .account = key->account,
                .id = key->id,
                .name = key->name,
                .role = key->role,
                .server_admin = key->server_admin};
}

Result<Caller> Authenticator::Impl::caller_of_agent(const Claims& claims) {
  const Time now = clock.now();
  if (auto known = agents.get(claims.subject, now)) return *std::move(known);
  const auto agent = read([&](catalog::Transaction& tx) { return catalog::find_agent(tx, claims.subject); });
  if (!agent) return std::unexpected(as_unauthorized(agent.error(), "the agent is unknown: enrol it again"));
  if (agent->revoked) return fail(Errc::kUnauthorized, "the agent was revoked");
  Caller caller{.kind = Caller::Kind::agent,
                .account = agent->account,
                .id = agent->id,
                .name = agent->host,
                .role = Role::viewer,
                .server_admin = false};
  agents.put(claims.subject, caller, now);
  return caller;
}

Result<Caller> Authenticator::Impl::caller_of_login(const std::string& name, const std::string& password,
                                                    const std::string& peer) {
  const Time now = clock.now();
  const std::string cache_key = to_hex(hmac_sha256(login_cache_key, joined(name, password)));
  if (const auto verified = logins.get(cache_key, now)) {
    const auto known = find_known_user(verified->user_id, std::nullopt);
    if (known && known->password_hash == verified->password_hash) return known->caller;
  }
  SENT_TRY_ASSIGN(const User user, verify_login(name, password, peer));
  logins.put(cache_key, {.user_id = user.id, .password_hash = user.password_hash}, now);
  SENT_TRY_ASSIGN(const KnownUser known, find_known_user(user.id, std::nullopt));
  return known.caller;
}

Result<User> Authenticator::Impl::verify_login(const std::string& name, const std::string& password,
                                               const std::string& peer) {
  const Time now = clock.now();
  SENT_TRY(failures.check(name, peer, now));
  const bool possible = name.size() <= kMaxName && password.size() <= kMaxPassword;
  const auto user = read([&](catalog::Transaction& tx) { return catalog::find_user_by_name(tx, name); });
  if (!user && user.error().code != Errc::kNotFound) return std::unexpected(user.error());
  // The same work whether the name exists or not.
  const bool right =
      verify_password(possible ? password : std::string(), user ? user->password_hash : nobodys_hash);
  if (user && possible && right) return *user;
  failures.failed(name, peer, now);
  return fail(Errc::kUnauthorized, "wrong name or password");
}

Result<void> require_role(const Caller& caller, Role least) {
  if (caller.kind == Caller::Kind::agent)
    return fail(Errc::kForbidden, "agents may only send; this needs the role {}", to_string(least));
  if (caller.role < least)
    return fail(Errc::kForbidden, "this needs the role {}; {} has {}", to_string(least), caller.name,
                to_string(caller.role));
  return {};
}

}  // namespace sentinella::auth
