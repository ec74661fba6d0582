// How much the services log, and how long they have been silent.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "agent/collect/sample_writer.h"

namespace sentinella::agent {

/// Counts of a service only grow, whatever becomes of its files. Not thread-safe.
class LogActivity {
 public:
  /// A log of the service's is followed from `now` on.
  void follow(std::string_view service, Time now) { of(service, now); }
  /// A record of it was read; `sent` = false: it was over its log's limit.
  void count(std::string_view service, Time now, bool sent);
  std::uint64_t dropped(std::string_view service) const;
  void write(SampleWriter& out, Time now) const;

 private:
  struct Service {
    std::uint64_t records = 0;
    std::uint64_t dropped = 0;
    Time last;
  };
  Service& of(std::string_view service, Time now);

  std::map<std::string, Service, std::less<>> services_;
};

}  // namespace sentinella::agent
