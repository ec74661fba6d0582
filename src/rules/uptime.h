// How much of a span of time a service or a host was up, from when it was in which state.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "rules/live_state.h"

namespace sentinella::rules {

struct Uptime {
  Duration up{};
  Duration down{};     ///< stopped on request, too; of a host: nothing was heard from it
  Duration unknown{};  ///< of a service: its agent was silent, or has not said yet
  Duration planned{};  ///< not up, or unknown, in a maintenance: counts nowhere else
  /// When it was up or down within the range, of several services or hosts at least one; apart, ascending.
  std::vector<TimeRange> known;
  /// Whole, not cut at the range, oldest first; `until` zero = it lasts. A stop on request that ended within
  /// its grace is none, nor is what lies in a maintenance as a whole.
  std::vector<TimeRange> outages;

  /// Outages are not taken over.
  Uptime& operator+=(const Uptime& other);
  /// Of the time in which it is known; nullopt when there is none.
  std::optional<double> share() const;
  /// Zero = it is not down now.
  Time down_since() const;
};

/// `changes`: of one service or host, ascending; the last before the range says how it begins, and before the
/// first nothing counts. `planned`: maintenances, in any order.
Uptime uptime_of(const std::vector<StateChange>& changes, TimeRange range,
                 const std::vector<TimeRange>& planned);

}  // namespace sentinella::rules
