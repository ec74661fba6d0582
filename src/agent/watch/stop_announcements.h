// What the services' logs said about stopping in the last seconds: oslo.service writes "Caught SIGTERM" and
// then exits with code 1, which only the log tells from a crash.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/time.h"

namespace sentinella::agent {

/// Not thread-safe.
class StopAnnouncements {
 public:
  /// Every record of a service's log; those that announce nothing cost one search.
  void record(std::string_view service, std::string_view text, Time now);
  /// The latest of this process, which lived from `began` to `now` (or of none that can be told), within
  /// 15 s before `now`; "" = none. Those of no process are used up.
  std::string take(std::string_view service, std::uint32_t pid, Time began, Time now);

 private:
  struct Announcement {
    std::string service;
    std::uint32_t pid = 0;
    std::string text;
    Time at;
  };
  std::deque<Announcement> recent_;
};

}  // namespace sentinella::agent
