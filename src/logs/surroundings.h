// What was said around a failure that names nothing to follow: by whom it concerns, in the minutes around it.
#pragma once

#include <string>
#include <vector>

#include "logs/backtrace.h"

namespace sentinella::logs {

struct Surroundings {
  struct Place {
    std::string service{};                   ///< may have *; "" = any
    std::string host{};                      ///< "" = any
    Severity least = Severity::unspecified;  ///< records that say no severity count as well
    std::string why{};  ///< Lane::why of what is found here; of several places the first's
  };
  std::vector<Place> places;  ///< at least one
  Time centre{};              ///< the failure
  TimeRange range{};          ///< around it; nothing is told of an empty one
};

/// The records of the places, as a story. Of more than `limit` (1 to kMaxBacktrace) those nearest to the
/// centre are told, half of them after it, and `truncated` is set.
Result<Backtrace> surroundings(const LogStore& store, AccountId account, const Surroundings& around,
                               std::size_t limit = 2000);

}  // namespace sentinella::logs
