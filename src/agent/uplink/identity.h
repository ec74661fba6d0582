// Who this agent is to the server: the id and key it was given at enrolment (identity.json, mode 0600), bound
// to the machine.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace sentinella::agent {

struct Identity {
  std::string agent_id;
  std::string agent_key;
  std::string enrolled_with;  ///< fingerprint of the account key and server; another one means: enrol anew
};

/// nullopt: not enrolled yet, or the file is damaged.
std::optional<Identity> load_identity(const std::filesystem::path& file);
Result<void> save_identity(const std::filesystem::path& file, const Identity& identity);

/// Tells one account key and server from another without revealing the key.
std::string enrolment_fingerprint(const std::string& account_key, const std::string& server_url);

/// Hex SHA-256 over /etc/machine-id, so that the machine's own id is not given away. Where there is none, a
/// random one is made and kept in the state directory.
Result<std::string> machine_id(const std::filesystem::path& state_dir,
                               const std::filesystem::path& system_file = "/etc/machine-id");

}  // namespace sentinella::agent
