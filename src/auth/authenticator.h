// Who is calling? Every door asks here. Credentials: "Authorization: Bearer" with an API key, a user's JWT or
// an agent's JWT; HTTP basic (user and password, verified once a minute).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "auth/jwt.h"
#include "base/time.h"
#include "catalog/database.h"
#include "model/account.h"
#include "net/http.h"

namespace sentinella::auth {

struct Tokens {
  std::string access_token;  ///< JWT
  Duration access_life{};
  std::string refresh_token;  ///< "" for agents
  Duration refresh_life{};
  Caller caller;
};

struct Enrolment {
  std::string agent_id;
  std::string agent_key;  ///< shown once
};

struct AuthOptions {
  Duration access_life = std::chrono::minutes(10);
  Duration refresh_life = std::chrono::hours(24 * 14);
  Duration agent_life = std::chrono::minutes(15);
};

/// Thread-safe. Failures to authenticate take the same time and give the same text whether or not the name
/// exists.
class Authenticator {
 public:
  /// Makes the signing key on first use. `database` and `clock` must outlive it.
  static Result<std::unique_ptr<Authenticator>> create(catalog::Database& database, const Clock& clock,
                                                       AuthOptions options = {});
  ~Authenticator();

  /// kUnauthorized with a reason fit for the caller ("token expired at ..."). Never says which part was wrong
  /// of a password login. Whoever was deleted, revoked or logged out is refused within 5 s. kRateLimited as
  /// login().
  Result<Caller> authenticate(const net::Request& request);

  /// kUnauthorized; kRateLimited after 5 failures of a name or address within a minute, with the wait in the
  /// text.
  Result<Tokens> login(const std::string& name, const std::string& password, const std::string& peer,
                       const std::string& client);
  /// For clients that cannot refresh: the access token names its user and lives as long as the session does
  /// without a refresh. Logging out or deleting the user ends it, as always.
  Result<Tokens> login_without_refresh(const std::string& name, const std::string& password,
                                       const std::string& peer, const std::string& client);
  Result<Tokens> login_with_link(const std::string& token, const std::string& client);
  /// Rotates the token. The one before still gives the same answer for 10 s (two tabs, a lost answer); any
  /// older one has been copied by somebody, and ends the session.
  Result<Tokens> refresh(const std::string& refresh_token);
  Result<void> logout(const std::string& refresh_token);

  /// A link token for this user, valid once, for `life`.
  Result<std::string> make_login_token(const User& user, Duration life);
  Result<std::string> make_enrolment_token(AccountId account, Duration life);

  /// `secret` is the account key or an enrolment token. A known `agent_id` on the same machine keeps its id
  /// and gets a new key; any other gets a new id. kForbidden: the agent was revoked; an enrolment token
  /// brings it back.
  Result<Enrolment> enrol(const std::string& secret, const std::string& agent_id, const std::string& host,
                          const std::string& machine_id, const std::string& version);
  Result<Tokens> agent_token(const std::string& agent_id, const std::string& agent_key);

  /// Makes, stores hashed, and returns the secret, which is shown once. `server_admin`: may make accounts, as
  /// only the key of the first start may.
  Result<std::string> create_api_key(AccountId account, const std::string& name, Role role,
                                     std::optional<Time> expires, bool server_admin = false);
  Result<std::string> rotate_account_key(AccountId account);
  /// kInvalid: name or password against the rules (at least 12 characters). kConflict: the name is taken.
  Result<User> create_user(AccountId account, const std::string& name, const std::string& password, Role role,
                           bool server_admin);
  /// Ends every session of the user. kNotFound; kInvalid as create_user().
  Result<void> change_password(const std::string& user_id, const std::string& password);

 private:
  Authenticator();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// kForbidden, naming the role needed. Agents have none: they only send.
Result<void> require_role(const Caller& caller, Role least);

}  // namespace sentinella::auth
