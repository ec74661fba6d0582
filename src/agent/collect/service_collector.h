// What a service's processes use, once an interval.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collect/sample_writer.h"
#include "agent/watch/proc_fs.h"

namespace sentinella::agent {

/// Not thread-safe.
class ServiceCollector {
 public:
  explicit ServiceCollector(ProcFs proc) : proc_(std::move(proc)) {}
  void collect(std::string_view service, const std::vector<pid_t>& processes, Time now, SampleWriter& out);

 private:
  struct Seen {
    std::map<pid_t, ProcessStat> processes;
    double cpu_seconds = 0;  ///< of all processes ever, so that an ending worker takes nothing away
    Time at;
  };

  ProcFs proc_;
  std::map<std::string, Seen, std::less<>> services_;
};

}  // namespace sentinella::agent
