// Slows down guessing: at most five failures of a name, and of an address, within any minute.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "base/time.h"

namespace sentinella::auth {

/// Thread-safe. Attempts that run at the same time are each let in; they are as few as there are worker
/// threads.
class FailureLimiter {
 public:
  static constexpr std::size_t kFailures = 5;
  static constexpr Duration kWindow = std::chrono::minutes(1);

  /// kRateLimited, saying how long to wait. An empty peer is nobody's address and has no limit.
  Result<void> check(const std::string& name, const std::string& peer, Time now) const;
  void failed(const std::string& name, const std::string& peer, Time now);

 private:
  using Failures = std::deque<Time>;  ///< oldest first, at most kFailures

  Duration wait_of(const std::string& key, Time now) const SENT_REQUIRES(mutex_);
  void add(const std::string& key, Time now) SENT_REQUIRES(mutex_);
  void make_room(Time now) SENT_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::unordered_map<std::string, Failures> failures_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::auth
