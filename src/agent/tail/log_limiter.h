// How much of one log is sent: what is over its limit is left out and counted.
#pragma once

#include <algorithm>
#include <cstdint>

#include "agent/config/log_options.h"
#include "base/time.h"

namespace sentinella::agent {

/// Saves up what is not used for ten seconds, so that a burst (a traceback, a start) passes, or for as long
/// as the log had to wait: what was written at a rate within the limit passes whenever it is read. Not
/// thread-safe.
class LogLimiter {
 public:
  explicit LogLimiter(LogLimits limits = {}) : limits_(limits) {}

  /// Whether a record of so many bytes may be sent. `now` is monotonic; `waited`: since when the log was not
  /// read to its end.
  bool take(Time now, std::size_t bytes, Duration waited = Duration(0));

  bool limited() const { return limits_ != LogLimits{}; }
  std::uint64_t dropped_records() const { return dropped_records_; }
  std::uint64_t dropped_bytes() const { return dropped_bytes_; }

 private:
  LogLimits limits_;
  double records_ = 0, bytes_ = 0;  ///< that may be sent at `at_`
  Time at_{};                       ///< of the last record; 0: there was none
  std::uint64_t dropped_records_ = 0, dropped_bytes_ = 0;
};

}  // namespace sentinella::agent
