#include "agent/collect/host_collector.h"

#include <sys/statvfs.h>

#include "base/log.h"

namespace sentinella::agent {

void HostCollector::complain(const Error& error) {
  if (!complained_) log::warning("agent.collect", "{}", describe(error));
  complained_ = true;
}

void HostCollector::collect(SampleWriter& out) {
  collect_cpu(out);
  collect_memory(out);
  if (const auto text = proc_.read("loadavg"))
    if (const auto loads = parse_loadavg(*text)) {
      out.add(metric("host_load1"), (*loads)[0]);
      out.add(metric("host_load5"), (*loads)[1]);
      out.add(metric("host_load15"), (*loads)[2]);
    }
  if (const auto text = proc_.read("uptime"))
    if (const auto uptime = parse_uptime(*text)) out.add(metric("host_uptime_seconds"), *uptime);
  collect_devices(out);
  collect_filesystems(out);
}

void HostCollector::collect_cpu(SampleWriter& out) {
  const auto text = proc_.read("stat");
  const auto cpu = text ? parse_cpu(*text) : Result<CpuFigures>(std::unexpected(text.error()));
  if (!cpu) return complain(cpu.error());
  for (std::size_t mode = 0; mode < kCpuModes.size(); ++mode)
    out.add(metric("host_cpu_seconds_total"), cpu->seconds[mode], "mode", kCpuModes[mode]);
  out.add(metric("host_cpus"), cpu->processors);
  if (previous_cpu_ && cpu->total() > previous_cpu_->total())
    out.add(metric("host_cpu_used_ratio"),
            (cpu->busy() - previous_cpu_->busy()) / (cpu->total() - previous_cpu_->total()));
  previous_cpu_ = *cpu;
}

void HostCollector::collect_memory(SampleWriter& out) {
  const auto text = proc_.read("meminfo");
  const auto memory = text ? parse_meminfo(*text) : Result<MemoryFigures>(std::unexpected(text.error()));
  if (!memory) return complain(memory.error());
  const auto total = static_cast<double>(memory->total), available = static_cast<double>(memory->available);
  out.add(metric("host_memory_total_bytes"), total);
  out.add(metric("host_memory_available_bytes"), available);
  out.add(metric("host_memory_used_ratio"), 1 - available / total);
  out.add(metric("host_swap_used_bytes"), static_cast<double>(memory->swap_used));
}

void HostCollector::collect_devices(SampleWriter& out) {
  if (const auto text = proc_.read("diskstats"))
    for (const DiskFigures& disk : parse_diskstats(*text)) {
      out.add(metric("host_disk_read_bytes_total"), static_cast<double>(disk.read_bytes), "device",
              disk.device);
      out.add(metric("host_disk_written_bytes_total"), static_cast<double>(disk.written_bytes), "device",
              disk.device);
    }
  if (const auto text = proc_.read("net/dev"))
    for (const NetworkFigures& net : parse_net_dev(*text)) {
      out.add(metric("host_network_receive_bytes_total"), static_cast<double>(net.received_bytes),
              "interface", net.interface);
      out.add(metric("host_network_transmit_bytes_total"), static_cast<double>(net.sent_bytes), "interface",
              net.interface);
    }
}

void HostCollector::collect_filesystems(SampleWriter& out) {
  const auto text = proc_.read("mounts");
  if (!text) return complain(text.error());
  for (const std::string& mount : parse_mounts(*text)) {
    struct statvfs status{};
    if (::statvfs(mount.c_str(), &status) != 0 || status.f_blocks == 0) continue;
    const auto block = static_cast<double>(status.f_frsize);
    const double used = static_cast<double>(status.f_blocks - status.f_bfree) * block;
    const double available = static_cast<double>(status.f_bavail) * block;
    out.add(metric("host_filesystem_size_bytes"), static_cast<double>(status.f_blocks) * block, "mountpoint",
            mount);
    out.add(metric("host_filesystem_available_bytes"), available, "mountpoint", mount);
    if (used + available > 0)
      out.add(metric("host_filesystem_used_ratio"), used / (used + available), "mountpoint", mount);
  }
}

}  // namespace sentinella::agent
