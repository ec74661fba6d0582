#include "catalog/accounts.h"

#include <algorithm>

#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

bool is_account_name(std::string_view name) {
  return !name.empty() && name.size() <= 63 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Account read_account(Columns c) {
  return {.id = c.account(), .name = c.text(), .created = c.time()};
}

/// For so long somebody who comes with a token that is over is told so.
constexpr Duration kRememberedAfterwards = std::chrono::hours(24 * 7);

constexpr std::string_view kSelectUser =
    "SELECT id, account, name, role, password_hash, server_admin, created FROM person ";

/// What is not a role any more may do least.
Role read_role(const std::string& text) {
  return parse_role(text).value_or(Role::viewer);
}

User read_user(Columns c) {
  return {.id = c.text(),
          .account = c.account(),
          .name = c.text(),
          .role = read_role(c.text()),
          .password_hash = c.text(),
          .server_admin = c.flag(),
          .created = c.time()};
}

constexpr std::string_view kSelectKey =
    "SELECT id, account, name, role, server_admin, secret_hash, created, expires, last_used FROM api_key ";

ApiKey read_key(Columns c) {
  return {.id = c.text(),
          .account = c.account(),
          .name = c.text(),
          .role = read_role(c.text()),
          .server_admin = c.flag(),
          .secret_hash = c.text(),
          .created = c.time(),
          .expires = c.optional_time(),
          .last_used = c.optional_time()};
}

constexpr std::string_view kSelectAgent =
    "SELECT id, account, host, machine_id, secret_hash, version, created, revoked FROM agent ";

Agent read_agent(Columns c) {
  return {.id = c.text(),
          .account = c.account(),
          .host = c.text(),
          .machine_id = c.text(),
          .secret_hash = c.text(),
          .version = c.text(),
          .created = c.time(),
          .revoked = c.flag()};
}

constexpr std::string_view kSelectSession =
    "SELECT id, person, token_hash, previous_token_hash, rotated, expires, client FROM session ";

Session read_session(Columns c) {
  return {.id = c.text(),
          .user_id = c.text(),
          .token_hash = c.text(),
          .previous_token_hash = c.text(),
          .rotated = c.time(),
          .expires = c.time(),
          .client = c.text()};
}

OneTimeToken read_one_time_token(Columns c) {
  return {.secret_hash = c.text(),
          .purpose = c.text(),
          .account = c.account(),
          .subject = c.text(),
          .expires = c.time(),
          .used = c.optional_time()};
}

std::string where(std::string_view select, std::string_view condition) {
  return std::string(select).append(condition);
}

}  // namespace

Result<Account> create_account(Transaction& tx, const std::string& name, Time now) {
  if (!is_account_name(name))
    return fail_field(Errc::kInvalid, "name", "an account's name is 1 to 63 of a-z, 0-9 and '-'");
  Account account{.name = name, .created = now};
  SENT_TRY(tx.query("SELECT COALESCE(MAX(id), 0) + 1 FROM account", {},
                    [&](const Row& row) { account.id = static_cast<AccountId>(row.integer(0)); }));
  SENT_TRY(in_words(execute(tx, "INSERT INTO account (id, name, created) VALUES (?, ?, ?)",
                            {sql(account.id), sql(name), sql(now)}),
                    "name", fmt::format("there is an account {} already", name)));
  return account;
}

Result<std::vector<Account>> list_accounts(Transaction& tx) {
  return query_all(tx, "SELECT id, name, created FROM account ORDER BY name", {}, read_account);
}

Result<Account> find_account(Transaction& tx, const std::string& name) {
  return query_one(tx, "SELECT id, name, created FROM account WHERE name = ?", {sql(name)}, read_account,
                   "account");
}

Result<void> insert_user(Transaction& tx, const User& user) {
  return in_words(
      execute(tx,
              "INSERT INTO person (id, account, name, role, password_hash, server_admin, created) "
              "VALUES (?, ?, ?, ?, ?, ?, ?)",
              {sql(user.id), sql(user.account), sql(user.name), sql(to_string(user.role)),
               sql(user.password_hash), sql(user.server_admin), sql(user.created)}),
      "name", fmt::format("the name {} is taken, or the account does not exist", user.name));
}

Result<std::vector<User>> list_users(Transaction& tx, AccountId account) {
  return query_all(tx, where(kSelectUser, "WHERE account = ? ORDER BY name"), {sql(account)}, read_user);
}

Result<User> find_user_by_name(Transaction& tx, const std::string& name) {
  return query_one(tx, where(kSelectUser, "WHERE name = ?"), {sql(name)}, read_user, "user");
}

Result<User> find_user(Transaction& tx, const std::string& id) {
  return query_one(tx, where(kSelectUser, "WHERE id = ?"), {sql(id)}, read_user, "user");
}

Result<void> update_user(Transaction& tx, const User& user) {
  return in_words(change_one(tx,
                             "UPDATE person SET name = ?, role = ?, password_hash = ?, server_admin = ? "
                             "WHERE id = ? AND account = ?",
                             {sql(user.name), sql(to_string(user.role)), sql(user.password_hash),
                              sql(user.server_admin), sql(user.id), sql(user.account)},
                             "user"),
                  "name", fmt::format("the name {} is taken", user.name));
}

Result<void> delete_user(Transaction& tx, AccountId account, const std::string& id) {
  return change_one(tx, "DELETE FROM person WHERE id = ? AND account = ?", {sql(id), sql(account)}, "user");
}

Result<void> insert_key(Transaction& tx, const ApiKey& key) {
  return in_words(
      execute(tx,
              "INSERT INTO api_key (id, account, name, role, server_admin, secret_hash, created, expires, "
              "last_used) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
              {sql(key.id), sql(key.account), sql(key.name), sql(to_string(key.role)), sql(key.server_admin),
               sql(key.secret_hash), sql(key.created), sql(key.expires), sql(key.last_used)}),
      "", "the account does not exist, or the key does already");
}

Result<std::vector<ApiKey>> list_keys(Transaction& tx, AccountId account) {
  return query_all(tx, where(kSelectKey, "WHERE account = ? ORDER BY created, id"), {sql(account)}, read_key);
}

Result<ApiKey> find_key_by_hash(Transaction& tx, const std::string& secret_hash) {
  return query_one(tx, where(kSelectKey, "WHERE secret_hash = ?"), {sql(secret_hash)}, read_key, "API key");
}

Result<void> touch_key(Transaction& tx, const std::string& id, Time used) {
  return change_one(tx, "UPDATE api_key SET last_used = ? WHERE id = ?", {sql(used), sql(id)}, "API key");
}

Result<void> delete_key(Transaction& tx, AccountId account, const std::string& id) {
  return change_one(tx, "DELETE FROM api_key WHERE id = ? AND account = ?", {sql(id), sql(account)},
                    "API key");
}

Result<void> set_account_key(Transaction& tx, AccountId account, const std::string& secret_hash) {
  return change_one(tx, "UPDATE account SET key_hash = ? WHERE id = ?", {sql(secret_hash), sql(account)},
                    "account");
}

Result<AccountId> find_account_by_key_hash(Transaction& tx, const std::string& secret_hash) {
  SENT_TRY_ASSIGN(const Account account,
                  query_one(tx, "SELECT id, name, created FROM account WHERE key_hash = ?",
                            {sql(secret_hash)}, read_account, "account key"));
  return account.id;
}

Result<void> insert_agent(Transaction& tx, const Agent& agent) {
  return in_words(
      execute(tx,
              "INSERT INTO agent (id, account, host, machine_id, secret_hash, version, created, revoked) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
              {sql(agent.id), sql(agent.account), sql(agent.host), sql(agent.machine_id),
               sql(agent.secret_hash), sql(agent.version), sql(agent.created), sql(agent.revoked)}),
      "", "the account does not exist, or the agent does already");
}

Result<std::vector<Agent>> list_agents(Transaction& tx, AccountId account) {
  return query_all(tx, where(kSelectAgent, "WHERE account = ? ORDER BY host, created, id"), {sql(account)},
                   read_agent);
}

Result<Agent> find_agent(Transaction& tx, const std::string& id) {
  return query_one(tx, where(kSelectAgent, "WHERE id = ?"), {sql(id)}, read_agent, "agent");
}

Result<void> update_agent(Transaction& tx, const Agent& agent) {
  return change_one(tx,
                    "UPDATE agent SET host = ?, machine_id = ?, secret_hash = ?, version = ?, revoked = ? "
                    "WHERE id = ? AND account = ?",
                    {sql(agent.host), sql(agent.machine_id), sql(agent.secret_hash), sql(agent.version),
                     sql(agent.revoked), sql(agent.id), sql(agent.account)},
                    "agent");
}

Result<void> insert_one_time_token(Transaction& tx, const OneTimeToken& token) {
  return in_words(execute(tx,
                          "INSERT INTO one_time_token (secret_hash, purpose, account, subject, expires) "
                          "VALUES (?, ?, ?, ?, ?)",
                          {sql(token.secret_hash), sql(token.purpose), sql(token.account), sql(token.subject),
                           sql(token.expires)}),
                  "", "the account does not exist, or the token does already");
}

Result<OneTimeToken> take_one_time_token(Transaction& tx, const std::string& secret_hash,
                                         const std::string& purpose, Time now) {
  SENT_TRY(execute(tx, "DELETE FROM one_time_token WHERE expires <= ?", {sql(now - kRememberedAfterwards)}));
  SENT_TRY_ASSIGN(const OneTimeToken token,
                  query_one(tx,
                            "SELECT secret_hash, purpose, account, subject, expires, used "
                            "FROM one_time_token WHERE secret_hash = ? AND purpose = ?",
                            {sql(secret_hash), sql(purpose)}, read_one_time_token, "token"));
  if (token.used)
    return fail(Errc::kUnauthorized, "the one-time token was used already, at {}", to_rfc3339(*token.used));
  if (token.expires <= now)
    return fail(Errc::kUnauthorized, "the one-time token expired at {}", to_rfc3339(token.expires));
  SENT_TRY(change_one(tx, "UPDATE one_time_token SET used = ? WHERE secret_hash = ? AND used IS NULL",
                      {sql(now), sql(secret_hash)}, "token"));
  return token;
}

Result<void> insert_session(Transaction& tx, const Session& session) {
  SENT_TRY(execute(tx, "DELETE FROM session WHERE expires <= ?", {sql(session.rotated)}));
  return in_words(
      execute(
          tx,
          "INSERT INTO session (id, person, token_hash, previous_token_hash, rotated, expires, client) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)",
          {sql(session.id), sql(session.user_id), sql(session.token_hash), sql(session.previous_token_hash),
           sql(session.rotated), sql(session.expires), sql(session.client)}),
      "", "the user does not exist, or the session does already");
}

Result<Session> find_session(Transaction& tx, const std::string& id) {
  return query_one(tx, where(kSelectSession, "WHERE id = ?"), {sql(id)}, read_session, "session");
}

Result<void> update_session(Transaction& tx, const Session& session) {
  return change_one(
      tx,
      "UPDATE session SET token_hash = ?, previous_token_hash = ?, rotated = ?, expires = ?, client = ? "
      "WHERE id = ?",
      {sql(session.token_hash), sql(session.previous_token_hash), sql(session.rotated), sql(session.expires),
       sql(session.client), sql(session.id)},
      "session");
}

Result<void> delete_session(Transaction& tx, const std::string& id) {
  return change_one(tx, "DELETE FROM session WHERE id = ?", {sql(id)}, "session");
}

Result<std::vector<Session>> list_sessions(Transaction& tx, const std::string& user_id) {
  return query_all(tx, where(kSelectSession, "WHERE person = ? ORDER BY rotated DESC, id"), {sql(user_id)},
                   read_session);
}

Result<std::optional<std::string>> get_setting(Transaction& tx, const std::string& name) {
  std::optional<std::string> value;
  SENT_TRY(tx.query("SELECT value FROM setting WHERE name = ?", {sql(name)},
                    [&](const Row& row) { value = row.text(0); }));
  return value;
}

Result<void> set_setting(Transaction& tx, const std::string& name, const std::string& value) {
  return execute(tx,
                 "INSERT INTO setting (name, value) VALUES (?, ?) "
                 "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                 {sql(name), sql(value)});
}

}  // namespace sentinella::catalog
