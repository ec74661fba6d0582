// Accounts and whoever may enter them: users, API keys, agents, one-time tokens. All calls run inside the
// caller's transaction; listing calls are scoped to one account.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/database.h"
#include "model/account.h"

namespace sentinella::catalog {

/// kConflict: the name is taken. kInvalid: not [a-z0-9-]{1,63}.
Result<Account> create_account(Transaction& tx, const std::string& name, Time now);
Result<std::vector<Account>> list_accounts(Transaction& tx);
Result<Account> find_account(Transaction& tx, const std::string& name);

Result<void> insert_user(Transaction& tx, const User& user);
Result<std::vector<User>> list_users(Transaction& tx, AccountId account);
/// kNotFound.
Result<User> find_user_by_name(Transaction& tx, const std::string& name);
Result<User> find_user(Transaction& tx, const std::string& id);
Result<void> update_user(Transaction& tx, const User& user);
Result<void> delete_user(Transaction& tx, AccountId account, const std::string& id);

Result<void> insert_key(Transaction& tx, const ApiKey& key);
Result<std::vector<ApiKey>> list_keys(Transaction& tx, AccountId account);
Result<ApiKey> find_key_by_hash(Transaction& tx, const std::string& secret_hash);
Result<void> touch_key(Transaction& tx, const std::string& id, Time used);
Result<void> delete_key(Transaction& tx, AccountId account, const std::string& id);

/// The account key enrols agents and does nothing else; rotating it leaves enrolled agents alone.
Result<void> set_account_key(Transaction& tx, AccountId account, const std::string& secret_hash);
Result<AccountId> find_account_by_key_hash(Transaction& tx, const std::string& secret_hash);

Result<void> insert_agent(Transaction& tx, const Agent& agent);
Result<std::vector<Agent>> list_agents(Transaction& tx, AccountId account);
Result<Agent> find_agent(Transaction& tx, const std::string& id);
Result<void> update_agent(Transaction& tx, const Agent& agent);

/// Single-use secrets: login links, enrolment tokens.
struct OneTimeToken {
  std::string secret_hash;
  std::string purpose;  ///< "login", "enrol"
  AccountId account{};
  std::string subject;  ///< user id for "login"
  Time expires;
  std::optional<Time> used = {};
};
Result<void> insert_one_time_token(Transaction& tx, const OneTimeToken& token);
/// Uses it up. kUnauthorized: it was used already, or has expired, and the message says which. kNotFound:
/// unknown, or over for more than a week.
Result<OneTimeToken> take_one_time_token(Transaction& tx, const std::string& secret_hash,
                                         const std::string& purpose, Time now);

/// A login session: refresh tokens of one login form a family; using an old one again revokes the family.
struct Session {
  std::string id;
  std::string user_id;
  std::string token_hash;           ///< the one valid refresh token
  std::string previous_token_hash;  ///< its predecessor: its use is theft, except within 10 s (parallel tabs)
  Time rotated;
  Time expires;
  std::string client;  ///< user agent, for the list of sessions
};
Result<void> insert_session(Transaction& tx, const Session& session);
Result<Session> find_session(Transaction& tx, const std::string& id);
Result<void> update_session(Transaction& tx, const Session& session);
Result<void> delete_session(Transaction& tx, const std::string& id);
Result<std::vector<Session>> list_sessions(Transaction& tx, const std::string& user_id);

/// Named secrets and settings of the server itself (the JWT signing key ...).
Result<std::optional<std::string>> get_setting(Transaction& tx, const std::string& name);
Result<void> set_setting(Transaction& tx, const std::string& name, const std::string& value);

}  // namespace sentinella::catalog
