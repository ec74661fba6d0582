// Whose data it is, and who may do what with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace sentinella {

/// A tenant of Sentinella. Part of every store key: isolation is structure, not filtering. 0 is nobody.
enum class AccountId : std::uint32_t {};

struct Account {
  AccountId id{};
  std::string name;  ///< unique, [a-z0-9-]{1,63}
  Time created;
};

/// Ordered: each role may do what the ones before it may (decisions on roles: docs/security.md).
enum class Role : std::uint8_t { viewer, responder, operator_, admin };
std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view text);

struct User {
  std::string id;  ///< UUID
  AccountId account{};
  std::string name;  ///< login; unique in the whole server
  Role role = Role::viewer;
  std::string password_hash;  ///< argon2id in PHC form; never leaves the server
  bool server_admin = false;  ///< may make accounts
  Time created;
};

struct ApiKey {
  std::string id;  ///< UUID; shown, harmless
  AccountId account{};
  std::string name;
  Role role = Role::viewer;
  bool server_admin = false;  ///< may make accounts
  std::string secret_hash;    ///< hex SHA-256 of the key; the key itself is shown once and kept nowhere
  Time created;
  std::optional<Time> expires;
  std::optional<Time> last_used;
};

/// An enrolled agent. Not a user: it may only send.
struct Agent {
  std::string id;  ///< UUID, given at enrolment, bound to the machine
  AccountId account{};
  std::string host;
  std::string machine_id;  ///< hashed by the agent; a copied agent id from another machine is refused
  std::string secret_hash;
  std::string version;
  Time created;
  bool revoked = false;
};

/// One OpenStack deployment of an account; nodes are classified into clouds.
struct Cloud {
  std::string id;
  AccountId account{};
  std::string name;
  std::string location;
};

/// A monitored host as the catalogue knows it; how it is now stands in rules/live_state.h.
struct Node {
  AccountId account{};
  std::string host;
  std::string cloud_id;  ///< empty = not classified
  Time first_seen;
};

/// Who makes a request, once a door has checked the credentials.
struct Caller {
  enum class Kind : std::uint8_t { user, api_key, agent } kind = Kind::user;
  AccountId account{};
  std::string id;    ///< of the user, key or agent
  std::string name;  ///< for history and audit
  Role role = Role::viewer;
  bool server_admin = false;
};

}  // namespace sentinella
