// When hosts and services were in which state: what uptime is computed from.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "catalog/database.h"
#include "model/account.h"

namespace sentinella::catalog {

/// From `at` on.
struct StoredState {
  AccountId account{};
  std::string host;
  std::string service;  ///< "" = the host itself
  std::string status;   ///< as rules/live_state.h names them
  Time at;
};

/// Of two of one moment the later call's stays.
Result<void> put_state(Transaction& tx, const StoredState& state);
/// Those within the range, and of each host and service the last before it; by host, service and time.
/// `host`: "" = all.
Result<std::vector<StoredState>> list_states(Transaction& tx, AccountId account, TimeRange range,
                                             const std::string& host);
/// Forgets those before `before`, but for the last of each host and service.
Result<void> expire_states(Transaction& tx, Time before);
/// A host was taken out of service.
Result<void> forget_states(Transaction& tx, AccountId account, const std::string& host);

}  // namespace sentinella::catalog
