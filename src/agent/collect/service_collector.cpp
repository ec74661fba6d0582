#include "agent/collect/service_collector.h"

#include <optional>

#include <unistd.h>

namespace sentinella::agent {
namespace {

constexpr double kTicksPerSecond = 100;

}  // namespace

void ServiceCollector::collect(std::string_view service, const std::vector<pid_t>& processes, Time now,
                               SampleWriter& out) {
  static const double page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  Seen& seen = services_[std::string(service)];
  double resident = 0, threads = 0, used_ticks = 0;
  std::optional<double> files = 0;
  std::map<pid_t, ProcessStat> current;
  for (pid_t pid : processes) {
    const auto stat = proc_.stat(pid);
    if (!stat || stat->state == 'Z') continue;
    const auto before = seen.processes.find(pid);
    if (before != seen.processes.end() && before->second.start_ticks == stat->start_ticks)
      used_ticks += static_cast<double>(stat->cpu_ticks) - static_cast<double>(before->second.cpu_ticks);
    else if (seen.at != Time{})
      used_ticks += static_cast<double>(stat->cpu_ticks);
    resident += static_cast<double>(stat->resident_pages) * page_bytes;
    threads += stat->threads;
    const auto open = files ? proc_.open_files(pid) : Result<std::uint64_t>(0);
    if (files && open)
      *files += static_cast<double>(*open);
    else
      files.reset();
    current.emplace(pid, *stat);
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
  seen.at = now;
  seen.processes = std::move(current);
}

}  // namespace sentinella::agent
