// Which processes run here and which of them belong to a watched service. Keeps what it learned, so that a
// scan reads only the directory of /proc and the processes that are new.
//
// A process still young (30 s) is read again at each scan: between fork and exec it bears its parent's name,
// and programs change their titles while they start. Every two minutes all are read again, against re-used
// pids.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/watch/proc_fs.h"

namespace sentinella::agent {

struct WatchedService {
  std::string name;
  std::string process;  ///< a pattern of process_match.h
};

struct ProcessEntry {
  pid_t pid = 0;
  pid_t parent = 0;
  std::uint64_t start_ticks = 0;
  bool forked = false;                ///< ProcessStat::forked, as of when its command line was read
  std::vector<std::size_t> services;  ///< indices of the services it belongs to; mostly none or one
  bool was_worker = false;            ///< has been seen below a process of the same service
};

/// Not thread-safe.
class ProcessTable {
 public:
  ProcessTable(ProcFs proc, std::vector<WatchedService> services);

  /// Compares with /proc. `now_ticks`: since boot, in the unit of ProcessStat::start_ticks.
  Result<void> scan(std::uint64_t now_ticks);
  /// Reads one process anew (it began, or ran another program).
  void examine(pid_t pid, std::uint64_t now_ticks);
  void forget(pid_t pid);

  const ProcessEntry* find(pid_t pid) const;
  /// The processes of a service whose parent is not one of it. Valid until the table changes, as members().
  const std::vector<const ProcessEntry*>& mains(std::size_t service) const { return mains_[service]; }
  const std::vector<pid_t>& members(std::size_t service) const { return members_[service]; }
  const std::vector<WatchedService>& services() const { return services_; }
  const ProcFs& proc() const { return proc_; }

 private:
  struct Known {
    ProcessEntry entry;
    std::uint64_t generation = 0;
  };
  void read(pid_t pid, Known& known);
  void build_lists();
  bool is_member(pid_t pid, std::size_t service) const;

  ProcFs proc_;
  std::vector<WatchedService> services_;
  std::map<pid_t, Known> entries_;
  std::vector<std::vector<const ProcessEntry*>> mains_;  ///< by service, into `entries_`
  std::vector<std::vector<pid_t>> members_;              ///< by service
  std::uint64_t generation_ = 0;
  std::uint64_t full_read_ticks_ = 0;
};

}  // namespace sentinella::agent
