// Hosts that the catalogue already has as nodes, so that a batch from a known host costs no SQL.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "base/worker_pool.h"
#include "catalog/database.h"
#include "model/account.h"
#include "model/batch.h"

namespace sentinella::api {

/// Thread-safe. `database` must outlive it.
class KnownHosts {
 public:
  /// An account's nodes are not added automatically above this: host names come from outside.
  static constexpr std::size_t kMaxPerAccount = 10'000;

  explicit KnownHosts(catalog::Database& database) : database_(database) {}

  /// Adds the hosts that a batch speaks of to the catalogue when they are new.
  void touch(const Batch& batch);
  /// Runs `then` when all these hosts are in the catalogue: at once when they are known, else on a thread of
  /// its own, because adding waits for the disk.
  void introduce(AccountId account, const std::vector<std::string>& hosts, Time now,
                 std::move_only_function<void()> then);
  /// Changes with every forget(): whoever remembers having named a host must name it again.
  std::uint64_t generation() const { return generation_; }
  /// Waits for every `then` that is due. Call when there are no more requests, while what they use is there.
  void stop() { introducer_.reset(); }
  /// The node was deleted; it comes back with its next batch.
  void forget(AccountId account, const std::string& host);

 private:
  std::vector<std::string> unknown_of(AccountId account, const std::vector<std::string>& hosts);
  void add(AccountId account, const std::vector<std::string>& hosts, Time now);

  catalog::Database& database_;
  std::atomic<std::uint64_t> generation_ = 0;
  Mutex mutex_;
  std::map<AccountId, std::set<std::string, std::less<>>> hosts_ SENT_GUARDED_BY(mutex_);
  std::unique_ptr<WorkerPool> introducer_ = std::make_unique<WorkerPool>(1);
};

}  // namespace sentinella::api
