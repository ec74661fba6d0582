// What admins do to the users of their account, the same at every door.
#pragma once

#include <optional>
#include <string>

#include "api/context.h"

namespace sentinella::api {

/// Another account's looks the same as none. kNotFound; kForbidden: it administers the server, and the caller
/// does not.
Result<User> find_user(Context& server, const Caller& caller, const std::string& id);
/// What is not given stays; a new password ends the user's sessions. As find_user(); kInvalid: the password;
/// kConflict: it is the account's only admin.
Result<User> change_user(Context& server, const Caller& caller, const std::string& id,
                         std::optional<Role> role, const std::optional<std::string>& password);
Result<void> remove_user(Context& server, const Caller& caller, const std::string& id);

}  // namespace sentinella::api
