#include "auth/authenticator_impl.h"
#include "auth/secrets.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"

namespace sentinella::auth {
namespace {

constexpr Duration kReuseAllowed = std::chrono::seconds(10);
constexpr std::size_t kMaxClient = 256;
constexpr std::string_view kSessionEnded = "the session has ended: log in again";

}  // namespace

/// The token's id begins with its session's, so that logging out ends access tokens too.
Tokens Authenticator::Impl::make_tokens(const User& user, const std::string& session_id,
                                        std::string refresh_token, Duration access_life) const {
  const Time now = clock.now();
  const Claims claims{.subject = user.id,
                      .audience = std::string(kUserAudience),
                      .issued = now,
                      .expires = now + access_life,
                      .id = session_id + "." + random_token(9),
                      .name = user.name};
  return {.access_token = sign_jwt(claims, signing_key),
          .access_life = access_life,
          .refresh_token = std::move(refresh_token),
          .refresh_life = options.refresh_life,
          .caller = {.kind = Caller::Kind::user,
                     .account = user.account,
                     .id = user.id,
                     .name = user.name,
                     .role = user.role,
                     .server_admin = user.server_admin}};
}

/// Signed, so that one retired long ago is told from a made-up one; the same session and id give the same
/// token.
std::string Authenticator::Impl::make_refresh_token(const catalog::Session& session,
                                                    const std::string& id) const {
  return sign_jwt({.subject = session.id,
                   .audience = std::string(kRefreshAudience),
                   .issued = session.rotated,
                   .expires = session.expires,
                   .id = id},
                  signing_key);
}

/// Follows from the token before, so that a second tab that comes with the old one gets what the first one
/// got.
std::string Authenticator::Impl::successor_of(const std::string& refresh_id) const {
  return to_hex(hmac_sha256(signing_key, "refresh token after " + refresh_id));
}

Result<Tokens> Authenticator::Impl::begin_session(const User& user, const std::string& client,
                                                  Duration access_life) {
  const Time now = clock.now();
  catalog::Session session{.id = to_text(random_uuid()),
                           .user_id = user.id,
                           .token_hash = "",
                           .previous_token_hash = "",
                           .rotated = now,
                           .expires = now + options.refresh_life,
                           .client = to_valid_utf8(client.substr(0, kMaxClient))};
  std::string token = make_refresh_token(session, random_token());
  session.token_hash = hash_secret(token);
  SENT_TRY(write([&](catalog::Transaction& tx) { return catalog::insert_session(tx, session); }));
  return make_tokens(user, session.id, std::move(token), access_life);
}

Result<Tokens> Authenticator::login(const std::string& name, const std::string& password,
                                    const std::string& peer, const std::string& client) {
  SENT_TRY_ASSIGN(const User user, impl_->verify_login(name, password, peer));
  return impl_->begin_session(user, client, impl_->options.access_life);
}

Result<Tokens> Authenticator::login_without_refresh(const std::string& name, const std::string& password,
                                                    const std::string& peer, const std::string& client) {
  SENT_TRY_ASSIGN(const User user, impl_->verify_login(name, password, peer));
  return impl_->begin_session(user, client, impl_->options.refresh_life);
}

Result<Tokens> Authenticator::login_with_link(const std::string& token, const std::string& client) {
  const auto user = impl_->write([&](catalog::Transaction& tx) -> Result<User> {
    SENT_TRY_ASSIGN(const auto taken,
                    catalog::take_one_time_token(tx, hash_secret(token), "login", impl_->clock.now()));
    return catalog::find_user(tx, taken.subject);
  });
  if (!user) return std::unexpected(as_unauthorized(user.error(), "the login link is wrong"));
  return impl_->begin_session(*user, client, impl_->options.access_life);
}

Result<Tokens> Authenticator::refresh(const std::string& refresh_token) {
  const Time now = impl_->clock.now();
  SENT_TRY_ASSIGN(const Claims claims, verify_jwt(refresh_token, impl_->signing_key, kRefreshAudience, now));
  const std::string presented = hash_secret(refresh_token);
  const std::string next_id = impl_->successor_of(claims.id);
  std::string thief_of;  // the user whose token was copied; "" = nobody's
  auto tokens = impl_->write([&](catalog::Transaction& tx) -> Result<Tokens> {
    SENT_TRY_ASSIGN(catalog::Session session, catalog::find_session(tx, claims.subject));
    SENT_TRY_ASSIGN(const User user, catalog::find_user(tx, session.user_id));
    if (presented == session.token_hash) {
      session.previous_token_hash = presented;
      session.rotated = now;
      session.expires = now + impl_->options.refresh_life;
      session.token_hash = hash_secret(impl_->make_refresh_token(session, next_id));
      SENT_TRY(catalog::update_session(tx, session));
    } else if (presented != session.previous_token_hash || now - session.rotated > kReuseAllowed) {
      thief_of = user.name;
      SENT_TRY(catalog::delete_session(tx, session.id));
      return Tokens{};
    }
    return impl_->make_tokens(user, session.id, impl_->make_refresh_token(session, next_id),
                              impl_->options.access_life);
  });
  if (!tokens) return std::unexpected(as_unauthorized(tokens.error(), kSessionEnded));
  if (thief_of.empty()) return tokens;
  impl_->users.clear();
  log::warning("auth", "a session of user {} was ended: a refresh token was used again after it was replaced",
               thief_of);
  return fail(Errc::kUnauthorized, "{}", kSessionEnded);
}

Result<void> Authenticator::logout(const std::string& refresh_token) {
  SENT_TRY_ASSIGN(const Claims claims,
                  verify_jwt(refresh_token, impl_->signing_key, kRefreshAudience, impl_->clock.now()));
  const auto ended =
      impl_->write([&](catalog::Transaction& tx) { return catalog::delete_session(tx, claims.subject); });
  impl_->users.clear();
  if (!ended && ended.error().code != Errc::kNotFound) return ended;
  return {};
}

Result<std::string> Authenticator::make_login_token(const User& user, Duration life) {
  std::string secret = make_secret(kLoginLinkPrefix);
  const catalog::OneTimeToken token{.secret_hash = hash_secret(secret),
                                    .purpose = "login",
                                    .account = user.account,
                                    .subject = user.id,
                                    .expires = impl_->clock.now() + life};
  SENT_TRY(impl_->write([&](catalog::Transaction& tx) { return catalog::insert_one_time_token(tx, token); }));
  return secret;
}

}  // namespace sentinella::auth
