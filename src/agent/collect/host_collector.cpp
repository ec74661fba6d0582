#include "agent/collect/host_collector.h"

#include <algorithm>

#include <sys/statvfs.h>

#include "base/log.h"

namespace sentinella::agent {

namespace {

constexpr int kDisksEvery = 60;  // rounds: disks are changed now and then

std::optional<double> used_ratio(const CpuTimes& before, const CpuTimes& now) {
  if (now.total() <= before.total()) return std::nullopt;
  return (now.busy() - before.busy()) / (now.total() - before.total());
}

}  // namespace

void HostCollector::complain(const Error& error) {
  if (!complained_) log::warning("agent.collect", "{}", describe(error));
  complained_ = true;
}

void HostCollector::collect(SampleWriter& out) {
  collect_facts(out);
  collect_cpu(out);
  collect_memory(out);
  if (const auto text = proc_.read("loadavg"))
    if (const auto loads = parse_loadavg(*text)) {
      out.add(metric("host_load1"), (*loads)[0]);
      out.add(metric("host_load5"), (*loads)[1]);
      out.add(metric("host_load15"), (*loads)[2]);
      out.add(metric("host_processes"), parse_process_count(*text), {});
    }
  if (const auto text = proc_.read("uptime"))
    if (const auto uptime = parse_uptime(*text)) out.add(metric("host_uptime_seconds"), *uptime);
  collect_disks(out);
  collect_network(out);
  collect_filesystems(out);
}

void HostCollector::collect_facts(SampleWriter& out) {
  out.add(metric("host_system_info"), 1,
          {{"kernel", system_.kernel},
           {"arch", system_.arch},
           {"os", system_.os},
           {"cpu", system_.cpu},
           {"openstack", system_.openstack}});
  if (!tags_.empty()) {
    const std::vector<SampleWriter::LabelView> labels(tags_.begin(), tags_.end());
    out.add(metric("host_tags_info"), 1, labels);
  }
  if (rounds_++ % kDisksEvery == 0) host_disks_ = read_host_disks();
  for (const HostDisk& disk : host_disks_) {
    out.add(metric("host_disk_info"), 1,
            {{"device", disk.device}, {"kind", disk.kind}, {"model", disk.model}});
    out.add(metric("host_disk_size_bytes"), static_cast<double>(disk.bytes), "device", disk.device);
  }
}

void HostCollector::collect_cpu(SampleWriter& out) {
  const auto text = proc_.read("stat");
  auto cpu = text ? parse_cpu(*text) : Result<CpuFigures>(std::unexpected(text.error()));
  if (!cpu) return complain(cpu.error());
  for (std::size_t mode = 0; mode < kCpuModes.size(); ++mode)
    out.add(metric("host_cpu_seconds_total"), cpu->seconds[mode], "mode", kCpuModes[mode]);
  out.add(metric("host_cpus"), cpu->processors);
  out.add(metric("host_processes_running"), static_cast<double>(cpu->running));
  out.add(metric("host_processes_blocked"), static_cast<double>(cpu->blocked));
  out.add(metric("host_forks_total"), static_cast<double>(cpu->forks));
  out.add(metric("host_context_switches_total"), static_cast<double>(cpu->context_switches));
  out.add(metric("host_interrupts_total"), static_cast<double>(cpu->interrupts));
  if (previous_cpu_) {
    out.add(metric("host_cpu_used_ratio"), used_ratio(*previous_cpu_, *cpu), {});
    for (std::size_t i = 0; i < std::min(cpu->cores.size(), previous_cpu_->cores.size()); ++i)
      // A processor that was taken out or put back moves the others: those skip one round.
      if (cpu->cores[i].first == previous_cpu_->cores[i].first)
        out.add(metric("host_cpu_core_used_ratio"),
                used_ratio(previous_cpu_->cores[i].second, cpu->cores[i].second),
                {{"cpu", cpu->cores[i].first}});
  }
  previous_cpu_ = std::move(*cpu);
}

void HostCollector::collect_memory(SampleWriter& out) {
  const auto text = proc_.read("meminfo");
  const auto memory = text ? parse_meminfo(*text) : Result<MemoryFigures>(std::unexpected(text.error()));
  if (!memory) return complain(memory.error());
  const auto total = static_cast<double>(memory->total), available = static_cast<double>(memory->available);
  out.add(metric("host_memory_total_bytes"), total);
  out.add(metric("host_memory_available_bytes"), available);
  out.add(metric("host_memory_used_ratio"), 1 - available / total);
  const auto add = [&](const MetricInfo& info, std::uint64_t value) {
    out.add(info, static_cast<double>(value));
  };
  add(metric("host_memory_free_bytes"), memory->free);
  add(metric("host_memory_cached_bytes"), memory->cached);
  add(metric("host_memory_dirty_bytes"), memory->dirty);
  add(metric("host_memory_slab_bytes"), memory->slab);
  add(metric("host_memory_committed_bytes"), memory->committed);
  add(metric("host_swap_used_bytes"), memory->swap_used);
  add(metric("host_swap_total_bytes"), memory->swap_total);
  if (memory->hugepages > 0) {
    add(metric("host_hugepages"), memory->hugepages);
    add(metric("host_hugepages_free"), memory->hugepages_free);
  }
}

void HostCollector::collect_disks(SampleWriter& out) {
  const auto text = proc_.read("diskstats");
  if (!text) return;
  for (const DiskFigures& disk : parse_diskstats(*text)) {
    const auto add = [&](const MetricInfo& info, auto value) {
      out.add(info, static_cast<double>(value), "device", disk.device);
    };
    add(metric("host_disk_read_bytes_total"), disk.read_bytes);
    add(metric("host_disk_written_bytes_total"), disk.written_bytes);
    add(metric("host_disk_reads_total"), disk.reads);
    add(metric("host_disk_writes_total"), disk.writes);
    add(metric("host_disk_read_seconds_total"), disk.read_seconds);
    add(metric("host_disk_write_seconds_total"), disk.write_seconds);
    add(metric("host_disk_busy_seconds_total"), disk.busy_seconds);
    add(metric("host_disk_in_flight"), disk.in_flight);
  }
}

void HostCollector::collect_network(SampleWriter& out) {
  const auto text = proc_.read("net/dev");
  if (!text) return;
  for (const NetworkFigures& net : parse_net_dev(*text)) {
    const auto add = [&](const MetricInfo& info, std::uint64_t value) {
      out.add(info, static_cast<double>(value), "interface", net.interface);
    };
    add(metric("host_network_receive_bytes_total"), net.received.bytes);
    add(metric("host_network_transmit_bytes_total"), net.sent.bytes);
    add(metric("host_network_receive_packets_total"), net.received.packets);
    add(metric("host_network_transmit_packets_total"), net.sent.packets);
    add(metric("host_network_receive_errors_total"), net.received.errors);
    add(metric("host_network_transmit_errors_total"), net.sent.errors);
    add(metric("host_network_receive_dropped_total"), net.received.dropped);
    add(metric("host_network_transmit_dropped_total"), net.sent.dropped);
    const auto bond = proc_.read("net/bonding/" + net.interface);
    if (!bond) continue;
    const BondFigures links = parse_bond(*bond);
    add(metric("host_bond_links"), links.links);
    add(metric("host_bond_links_up"), links.up);
  }
}

void HostCollector::collect_filesystems(SampleWriter& out) {
  const auto text = proc_.read("mounts");
  if (!text) return complain(text.error());
  for (const auto& [mount, device, type] : parse_mounts(*text)) {
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
    out.add(metric("host_filesystem_info"), 1, {{"mountpoint", mount}, {"device", device}, {"fstype", type}});
    out.add(metric("host_filesystem_readonly"), (status.f_flag & ST_RDONLY) != 0 ? 1 : 0, "mountpoint",
            mount);
    if (status.f_files == 0) continue;  // btrfs counts none
    out.add(metric("host_filesystem_inodes"), static_cast<double>(status.f_files), "mountpoint", mount);
    out.add(metric("host_filesystem_inodes_free"), static_cast<double>(status.f_favail), "mountpoint", mount);
  }
}

}  // namespace sentinella::agent
