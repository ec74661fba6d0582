#include "api/user_accounts.h"

#include <algorithm>

#include "api/native/catalog_access.h"
#include "catalog/accounts.h"

namespace sentinella::api {
namespace {

Result<User> own_user(catalog::Transaction& tx, const Caller& caller, const std::string& id) {
  auto user = catalog::find_user(tx, id);
  if (!user && user.error().code != Errc::kNotFound) return user;
  if (!user || user->account != caller.account) return fail(Errc::kNotFound, "no such user");
  // Whoever could set a server administrator's password would be one.
  if (user->server_admin && !caller.server_admin)
    return fail(Errc::kForbidden, "{} administers the server; only such a user may change it", user->name);
  return user;
}

/// An account that nobody can administer would be lost.
Result<void> another_admin(catalog::Transaction& tx, const User& user) {
  SENT_TRY_ASSIGN(const auto users, catalog::list_users(tx, user.account));
  const bool other = std::ranges::any_of(
      users, [&](const User& candidate) { return candidate.id != user.id && candidate.role == Role::admin; });
  if (other) return {};
  return fail(Errc::kConflict, "{} is the account's only admin", user.name);
}

}  // namespace

Result<User> find_user(Context& server, const Caller& caller, const std::string& id) {
  return native::read_catalog(server.database,
                              [&](catalog::Transaction& tx) { return own_user(tx, caller, id); });
}

Result<User> change_user(Context& server, const Caller& caller, const std::string& id,
                         std::optional<Role> role, const std::optional<std::string>& password) {
  User user;
  SENT_TRY(server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(user, own_user(tx, caller, id));
    if (!role) return {};
    const bool demoted = user.role == Role::admin && *role != Role::admin;
    if (demoted) SENT_TRY(another_admin(tx, user));
    user.role = *role;
    return catalog::update_user(tx, user);
  }));
  if (password) SENT_TRY(server.authenticator.change_password(user.id, *password));
  return user;
}

Result<void> remove_user(Context& server, const Caller& caller, const std::string& id) {
  return server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const User user, own_user(tx, caller, id));
    if (user.role == Role::admin) SENT_TRY(another_admin(tx, user));
    return catalog::delete_user(tx, caller.account, user.id);
  });
}

}  // namespace sentinella::api
