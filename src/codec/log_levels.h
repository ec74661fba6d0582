// Which level a service logs at, told from what it logs: a service that wrote a DEBUG line within the last
// hours has debug on, whatever its configuration is meant to say.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "model/log_record.h"

namespace sentinella::codec {

struct ServiceLogLevel {
  std::string host;
  std::string service;
  Severity level = Severity::unspecified;  ///< the finest seen within the window; unspecified = none was
  Time last_debug;                         ///< the newest line of DEBUG or TRACE; 0 = never
  Time last_line;
};

/// Of one account. Thread-safe. More services than kMaxServices and the rest is not followed.
class LogLevels {
 public:
  static constexpr std::size_t kMaxServices = 10'000;

  explicit LogLevels(Duration window = 6h) : window_(window) {}

  /// A line of that level was written `at`; lines may come in any order.
  void saw(std::string_view host, std::string_view service, Severity severity, Time at);
  /// Every service, by host and name.
  std::vector<ServiceLogLevel> snapshot(Time now) const;

 private:
  static constexpr std::size_t kSeverities = static_cast<std::size_t>(Severity::critical) + 1;
  using Newest = std::array<Time, kSeverities>;

  Duration window_;
  mutable Mutex mutex_;
  std::map<std::pair<std::string, std::string>, Newest, std::less<>> services_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::codec
