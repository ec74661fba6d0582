// What operators have the agents of an account do otherwise than their own files say, in layers: for all, for
// groups of hosts, for one host. And what each agent says has become of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "catalog/database.h"
#include "model/account.h"

namespace sentinella::catalog {

struct AgentSettings {
  AccountId account{};
  std::string name;           ///< "default", "group:NAME" or "node:HOST"
  std::string hosts;          ///< of a group: patterns with * and ?, separated by blanks
  std::string body;           ///< JSON (codec/agent_settings.h)
  std::uint64_t version = 0;  ///< of the account's settings when it was last changed
  Time updated;
  std::string updated_by;
};

/// What an agent last said.
struct AgentSettingsReport {
  std::string agent_id;
  std::uint64_t version = 0;  ///< in use; 0: only its own file
  std::uint64_t refused = 0;  ///< the last one that it could not use
  std::string problem;        ///< why
  Time time;
};

/// Grows with every change of any layer, removals included; 0: there never was one.
Result<std::uint64_t> agent_settings_version(Transaction& tx, AccountId account);
/// From the weakest to the strongest: the default, groups by name, nodes.
Result<std::vector<AgentSettings>> list_agent_settings(Transaction& tx, AccountId account);
/// kNotFound.
Result<AgentSettings> find_agent_settings(Transaction& tx, AccountId account, const std::string& name);
/// Makes the layer or replaces it and returns the account's new version. `expected`: the layer's version that
/// was read, 0 = none was there; kConflict when it is another one by now.
Result<std::uint64_t> put_agent_settings(Transaction& tx, const AgentSettings& layer, std::uint64_t expected);
/// kNotFound.
Result<void> delete_agent_settings(Transaction& tx, AccountId account, const std::string& name);

Result<void> report_agent_settings(Transaction& tx, const AgentSettingsReport& report);
/// Of all agents of an account that said anything.
Result<std::vector<AgentSettingsReport>> list_agent_settings_reports(Transaction& tx, AccountId account);

}  // namespace sentinella::catalog
