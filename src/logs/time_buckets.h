// Buckets of time that people count in, aligned to the epoch.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace sentinella::logs {

/// Buckets of `step` seconds that hold a range.
struct TimeBuckets {
  std::int64_t first = 0, last = 0;  ///< in steps since the epoch, both included
  std::int64_t step = 1;
  std::size_t count() const { return static_cast<std::size_t>(last - first + 1); }
  Time begin(std::size_t bucket) const {
    return Time{(first + static_cast<std::int64_t>(bucket)) * step * 1'000'000'000};
  }
  /// Of what begins at `time`; count() when that is outside.
  std::size_t index(Time time) const;
};

/// The narrowest of 1, 2, 5, 10, 15 or 30 seconds or minutes, 1, 2, 3, 6 or 12 hours or whole days of which
/// `most` are as long as the range; one more when it begins within a bucket.
TimeBuckets choose_buckets(TimeRange range, std::size_t most);

}  // namespace sentinella::logs
