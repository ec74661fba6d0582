// What became of rules: their alerts' histories, read as a whole for husbandry.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "catalog/database.h"
#include "model/account.h"
#include "model/alert.h"

namespace sentinella::catalog {

struct RuleHistoryEntry {
  std::string rule_id, alert_id, resource, event, host, environment;
  Tier tier = Tier::ticket;
  Time time;
  std::string type;  ///< as AlertHistory's
  std::string text;
  std::string user;        ///< "" = the engine
  std::string owner = {};  ///< the alert's, after this entry
};
/// Of alerts that have a rule, from `since` on; by alert, oldest first. An alert keeps its newest 100
/// entries.
Result<std::vector<RuleHistoryEntry>> rule_history(Transaction& tx, AccountId account, Time since);
/// Messages about alerts of each rule since then, one per channel.
Result<std::map<std::string, std::size_t>> messages_by_rule(Transaction& tx, AccountId account, Time since);

}  // namespace sentinella::catalog
