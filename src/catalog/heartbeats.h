// Heartbeats that other programs send of their own (Alerta's API): one row an origin.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "catalog/database.h"
#include "model/account.h"

namespace sentinella::catalog {

struct Heartbeat {
  AccountId account{};
  std::string origin;      ///< unique in the account
  std::string id;          ///< UUID, that of the first
  std::string tags;        ///< JSON list
  std::string attributes;  ///< JSON object
  Time created;            ///< by the sender's clock
  Time received;
  Duration timeout{};  ///< without another for so long it is expired
  Duration max_latency{};
};

/// Of an origin that is known it takes the place of the earlier one, whose id stays: it is returned.
Result<std::string> put_heartbeat(Transaction& tx, const Heartbeat& heartbeat);
/// By origin.
Result<std::vector<Heartbeat>> list_heartbeats(Transaction& tx, AccountId account);
/// kNotFound.
Result<void> delete_heartbeat(Transaction& tx, AccountId account, const std::string& id);

}  // namespace sentinella::catalog
