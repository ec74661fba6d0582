#include "agent/collect/service_collector.h"

#include <optional>

#include <unistd.h>

#include "agent/watch/cgroup.h"

namespace sentinella::agent {
namespace {

constexpr double kTicksPerSecond = 100;

}  // namespace

StuckProcesses ServiceCollector::collect(std::string_view service, const std::vector<pid_t>& processes,
                                         Time now, SampleWriter& out) {
  StuckProcesses stuck;
  static const double page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  Seen& seen = services_[std::string(service)];
  double resident = 0, threads = 0, used_ticks = 0;
  std::optional<double> files = 0;
  std::map<pid_t, Process> current;
  for (pid_t pid : processes) {
    const auto stat = proc_.stat(pid);
    if (!stat || stat->state == 'Z') continue;
    const auto before = seen.processes.find(pid);
    Process process{*stat, 0};
    const bool known = before != seen.processes.end() && before->second.stat.start_ticks == stat->start_ticks;
    if (stat->state == 'D' && (!known || before->second.stat.cpu_ticks == stat->cpu_ticks))
      process.blocked_rounds = known ? before->second.blocked_rounds + 1 : 1;
    if (process.blocked_rounds >= kBlockedRounds) stuck.blocked.push_back(pid);
    if (stat->state == 'T' || stat->state == 't') stuck.stopped.push_back(pid);
    if (known)
      used_ticks += static_cast<double>(stat->cpu_ticks) - static_cast<double>(before->second.stat.cpu_ticks);
    else if (seen.at != Time{})
      used_ticks += static_cast<double>(stat->cpu_ticks);
    resident += static_cast<double>(stat->resident_pages) * page_bytes;
    threads += stat->threads;
    const auto open = files ? proc_.open_files(pid) : Result<std::uint64_t>(0);
    if (files && open)
      *files += static_cast<double>(*open);
    else
      files.reset();
    current.emplace(pid, process);
  }
  seen.cpu_seconds += used_ticks / kTicksPerSecond;
  out.add(metric("service_processes"), static_cast<double>(current.size()), "service", service);
  out.add(metric("service_memory_resident_bytes"), resident, "service", service);
  out.add(metric("service_threads"), threads, "service", service);
  out.add(metric("service_cpu_seconds_total"), seen.cpu_seconds, "service", service);
  if (files) out.add(metric("service_open_files"), *files, "service", service);
  if (seen.at != Time{} && now > seen.at)
    out.add(metric("service_cpu_used_ratio"),
            used_ticks / kTicksPerSecond / std::chrono::duration<double>(now - seen.at).count(), "service",
            service);
  out.add(metric("service_processes_stopped"), static_cast<double>(stuck.stopped.size()), "service", service);
  out.add(metric("service_processes_blocked"), static_cast<double>(stuck.blocked.size()), "service", service);
  seen.at = now;
  seen.processes = std::move(current);
  if (!processes.empty()) collect_cgroup(service, processes.front(), seen, out);
  return stuck;
}

void ServiceCollector::collect_cgroup(std::string_view service, pid_t process, Seen& seen,
                                      SampleWriter& out) {
  if (seen.group_of != process) {
    const auto text = proc_.read(fmt::format("{}/cgroup", process));
    const CgroupPlace place = text ? parse_cgroup(*text) : CgroupPlace{};
    // A group that others share (a session, a shell's) says nothing of the service.
    seen.cgroup = place.unit.empty() && place.container.empty() ? "" : place.path;
    seen.group_of = process;
  }
  if (seen.cgroup.empty()) return;
  const CgroupFigures figures = read_cgroup(cgroups_, seen.cgroup);
  out.add(metric("service_cgroup_memory_bytes"), figures.memory_bytes, {{"service", service}});
  out.add(metric("service_cgroup_memory_limit_bytes"), figures.memory_limit_bytes, {{"service", service}});
  out.add(metric("service_cgroup_oom_kills_total"), figures.oom_kills, {{"service", service}});
  out.add(metric("service_cgroup_throttled_seconds_total"), figures.throttled_seconds,
          {{"service", service}});
}

}  // namespace sentinella::agent
