// Figures of the host, once an interval.
#pragma once

#include <optional>

#include "agent/collect/host_disks.h"
#include "agent/collect/host_figures.h"
#include "agent/collect/host_system.h"
#include "agent/collect/sample_writer.h"
#include "agent/watch/proc_fs.h"

namespace sentinella::agent {

/// Not thread-safe. What cannot be read is left out, and logged once.
class HostCollector {
 public:
  /// `tags`: names and values of this host's own, as the configuration gives them.
  explicit HostCollector(ProcFs proc, std::vector<std::pair<std::string, std::string>> tags = {})
      : proc_(std::move(proc)), system_(read_host_system(proc_)), tags_(std::move(tags)) {}
  void collect(SampleWriter& out);

 private:
  void collect_facts(SampleWriter& out);
  void collect_cpu(SampleWriter& out);
  void collect_memory(SampleWriter& out);
  void collect_disks(SampleWriter& out);
  void collect_network(SampleWriter& out);
  void collect_filesystems(SampleWriter& out);
  void complain(const Error& error);

  ProcFs proc_;
  HostSystem system_;
  std::vector<std::pair<std::string, std::string>> tags_;
  std::vector<HostDisk> host_disks_;
  int rounds_ = 0;
  std::optional<CpuFigures> previous_cpu_;
  bool complained_ = false;
};

}  // namespace sentinella::agent
