// What a running query has used of what it may.
#pragma once

#include <atomic>

#include "query/engine.h"

namespace sentinella::query {

/// Thread-safe.
class Budget {
 public:
  Budget(const Source& source, const Limits& limits) : source_(source), limits_(limits) {}

  /// Samples about to be read or cells about to be made. kTooLarge when there are no more.
  Result<void> take(std::size_t samples) {
    if (used_.fetch_add(samples, std::memory_order_relaxed) + samples <= limits_.max_samples) return {};
    return fail(Errc::kTooLarge, "query processing would load too many samples into memory: more than {}",
                limits_.max_samples);
  }
  std::size_t left() const {
    const auto used = used_.load(std::memory_order_relaxed);
    return used < limits_.max_samples ? limits_.max_samples - used : 0;
  }
  /// kUnavailable: nobody waits any more, or the time is over.
  Result<void> check() const {
    if (source_.cancelled != nullptr && source_.cancelled->load(std::memory_order_relaxed))
      return fail(Errc::kUnavailable, "query was canceled");
    if (limits_.deadline && source_.clock.now() > *limits_.deadline)
      return fail_field(Errc::kUnavailable, "timeout", "query timed out in expression evaluation");
    return {};
  }
  const Limits& limits() const { return limits_; }
  /// What is left, as the store takes it; must not outlive the budget.
  series::Limits store_limits() const {
    return {.max_series = limits_.max_series,
            .max_samples = left(),
            .in_memory = limits_.in_memory,
            .interrupted = [this] { return check(); }};
  }

 private:
  const Source& source_;
  const Limits& limits_;
  std::atomic<std::size_t> used_ = 0;
};

}  // namespace sentinella::query
