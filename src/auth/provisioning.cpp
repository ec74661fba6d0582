#include <algorithm>

#include "auth/authenticator_impl.h"
#include "auth/password.h"
#include "auth/secrets.h"
#include "base/ids.h"
#include "base/text.h"

namespace sentinella::auth {
namespace {

constexpr std::size_t kMinPassword = 12;  // characters

/// `allowed` tells of one character whether it may be in a name; bytes of UTF-8 beyond ASCII always may.
Result<void> check_name(const std::string& name, std::string_view rule, bool (*allowed)(char)) {
  const bool fits =
      !name.empty() && name.size() <= kMaxName && is_valid_utf8(name) &&
      std::ranges::all_of(name, [&](char c) { return static_cast<signed char>(c) < 0 || allowed(c); });
  if (!fits) return fail_field(Errc::kInvalid, "name", "a name is 1 to {} bytes {}", kMaxName, rule);
  return {};
}

/// HTTP basic ends the name at the first colon.
bool fits_user(char c) {
  return c > ' ' && c != 0x7f && c != ':';
}
bool fits_key(char c) {
  return c >= ' ' && c != 0x7f;
}

Result<std::string> checked_hash(const std::string& password) {
  const auto characters = std::ranges::count_if(password, [](char c) { return (c & 0xc0) != 0x80; });
  if (static_cast<std::size_t>(characters) < kMinPassword)
    return fail_field(Errc::kInvalid, "password", "a password has at least {} characters", kMinPassword);
  if (password.size() > kMaxPassword)
    return fail_field(Errc::kInvalid, "password", "a password has at most {} bytes", kMaxPassword);
  std::string hash = hash_password(password);
  if (hash.empty()) return fail(Errc::kUnavailable, "not enough memory to hash a password");
  return hash;
}

}  // namespace

Result<std::string> Authenticator::create_api_key(AccountId account, const std::string& name, Role role,
                                                  std::optional<Time> expires, bool server_admin) {
  SENT_TRY(check_name(name, "of printable text", fits_key));
  const Time now = impl_->clock.now();
  if (expires && *expires <= now)
    return fail_field(Errc::kInvalid, "expires", "{} is in the past", to_rfc3339(*expires));
  std::string secret = make_secret(kApiKeyPrefix);
  const ApiKey key{.id = to_text(random_uuid()),
                   .account = account,
                   .name = name,
                   .role = role,
                   .server_admin = server_admin,
                   .secret_hash = hash_secret(secret),
                   .created = now,
                   .expires = expires,
                   .last_used = std::nullopt};
  SENT_TRY(impl_->write([&](catalog::Transaction& tx) { return catalog::insert_key(tx, key); }));
  return secret;
}

Result<std::string> Authenticator::rotate_account_key(AccountId account) {
  std::string secret = make_secret(kAccountKeyPrefix);
  SENT_TRY(impl_->write(
      [&](catalog::Transaction& tx) { return catalog::set_account_key(tx, account, hash_secret(secret)); }));
  return secret;
}

Result<User> Authenticator::create_user(AccountId account, const std::string& name,
                                        const std::string& password, Role role, bool server_admin) {
  SENT_TRY(check_name(name, "without spaces, control characters and ':'", fits_user));
  SENT_TRY_ASSIGN(std::string hash, checked_hash(password));
  User user{.id = to_text(random_uuid()),
            .account = account,
            .name = name,
            .role = role,
            .password_hash = std::move(hash),
            .server_admin = server_admin,
            .created = impl_->clock.now()};
  SENT_TRY(impl_->write([&](catalog::Transaction& tx) { return catalog::insert_user(tx, user); }));
  return user;
}

Result<void> Authenticator::change_password(const std::string& user_id, const std::string& password) {
  SENT_TRY_ASSIGN(const std::string hash, checked_hash(password));
  const auto changed = impl_->write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(User user, catalog::find_user(tx, user_id));
    user.password_hash = hash;
    SENT_TRY(catalog::update_user(tx, user));
    SENT_TRY_ASSIGN(const auto sessions, catalog::list_sessions(tx, user_id));
    for (const catalog::Session& session : sessions) SENT_TRY(catalog::delete_session(tx, session.id));
    return {};
  });
  impl_->users.clear();
  return changed;
}

}  // namespace sentinella::auth
