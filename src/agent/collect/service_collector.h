// What a service's processes use, once an interval.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collect/sample_writer.h"
#include "agent/watch/proc_fs.h"

namespace sentinella::agent {

/// Processes that are there and do nothing.
struct StuckProcesses {
  std::vector<pid_t> stopped;  ///< by a signal or a debugger (state T or t)
  std::vector<pid_t> blocked;  ///< in the kernel (state D), without progress for kBlockedRounds rounds
};

/// Not thread-safe.
class ServiceCollector {
 public:
  explicit ServiceCollector(ProcFs proc, std::string cgroups = "/sys/fs/cgroup")
      : proc_(std::move(proc)), cgroups_(std::move(cgroups)) {}
  StuckProcesses collect(std::string_view service, const std::vector<pid_t>& processes, Time now,
                         SampleWriter& out);

  static constexpr int kBlockedRounds = 3;

 private:
  struct Process {
    ProcessStat stat;
    int blocked_rounds = 0;
  };
  struct Seen {
    std::map<pid_t, Process> processes;
    pid_t group_of = 0;      ///< whose group `cgroup` is
    std::string cgroup;      ///< below cgroups_; "" = none of its own
    double cpu_seconds = 0;  ///< of all processes ever, so that an ending worker takes nothing away
    Time at;
  };

  void collect_cgroup(std::string_view service, pid_t process, Seen& seen, SampleWriter& out);

  ProcFs proc_;
  std::string cgroups_;
  std::map<std::string, Seen, std::less<>> services_;
};

}  // namespace sentinella::agent
