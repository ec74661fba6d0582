// The first start: an account, its admin and keys, and DATA/bootstrap.json that tells them, once.
#pragma once

#include <filesystem>
#include <string>

#include "auth/authenticator.h"
#include "catalog/database.h"

namespace sentinella::server {

/// Makes the account "default" when there is none, and gives every account the current default pack.
Result<void> prepare_accounts(catalog::Database& database, Time now);

/// Makes user "admin" of account "default" unless that has been done, and writes `file` (mode 0600: url,
/// admin_user, admin_password, account_key, api_key, login_link). May be repeated after a crash in the
/// middle: new secrets then replace those nobody has seen.
Result<void> bootstrap(catalog::Database& database, auth::Authenticator& authenticator,
                       const std::filesystem::path& file, const std::string& url);

/// Gives an account the rules of the default pack; rules that people have changed stay as they are.
Result<void> install_default_rules(catalog::Transaction& tx, AccountId account, Time now);

/// Takes the admin's password and the used link out of the file: after the first login nobody needs them
/// there.
void forget_password(const std::filesystem::path& file);

/// Notes where the server listens now.
Result<void> note_url(const std::filesystem::path& file, const std::string& url);

/// A link that logs the first admin of the server in, once, within `life`.
Result<std::string> make_login_link(catalog::Database& database, auth::Authenticator& authenticator,
                                    const std::string& url, Duration life);

}  // namespace sentinella::server
