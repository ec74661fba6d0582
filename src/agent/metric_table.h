// Every metric the agent sends: the one table that code and docs/metrics.md come from.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "model/series.h"

namespace sentinella::agent {

struct MetricInfo {
  std::string_view name;
  SeriesKind kind;
  std::string_view unit;
  std::string_view labels;  ///< beside host
  std::string_view help;
};

// clang-format off
inline constexpr std::array kMetrics = {
    MetricInfo{"host_cpu_used_ratio", SeriesKind::gauge, "ratio", "", "share of all processors' time not idle or waiting for disks, since the last interval"},
    MetricInfo{"host_cpu_seconds_total", SeriesKind::counter, "seconds", "mode", "processor time by mode: user, nice, system, idle, iowait, irq, softirq, steal"},
    MetricInfo{"host_cpus", SeriesKind::gauge, "processors", "", "processors online"},
    MetricInfo{"host_load1", SeriesKind::gauge, "processes", "", "load average over 1 minute"},
    MetricInfo{"host_load5", SeriesKind::gauge, "processes", "", "load average over 5 minutes"},
    MetricInfo{"host_load15", SeriesKind::gauge, "processes", "", "load average over 15 minutes"},
    MetricInfo{"host_memory_total_bytes", SeriesKind::gauge, "bytes", "", "memory of the host"},
    MetricInfo{"host_memory_available_bytes", SeriesKind::gauge, "bytes", "", "memory that programs can have without swapping"},
    MetricInfo{"host_memory_used_ratio", SeriesKind::gauge, "ratio", "", "1 - available / total"},
    MetricInfo{"host_swap_used_bytes", SeriesKind::gauge, "bytes", "", "swap space in use"},
    MetricInfo{"host_disk_read_bytes_total", SeriesKind::counter, "bytes", "device", "bytes read from a whole disk"},
    MetricInfo{"host_disk_written_bytes_total", SeriesKind::counter, "bytes", "device", "bytes written to a whole disk"},
    MetricInfo{"host_filesystem_size_bytes", SeriesKind::gauge, "bytes", "mountpoint", "size of a local file system"},
    MetricInfo{"host_filesystem_available_bytes", SeriesKind::gauge, "bytes", "mountpoint", "what unprivileged programs can still write"},
    MetricInfo{"host_filesystem_used_ratio", SeriesKind::gauge, "ratio", "mountpoint", "used / (used + available), as df shows it"},
    MetricInfo{"host_network_receive_bytes_total", SeriesKind::counter, "bytes", "interface", "bytes received"},
    MetricInfo{"host_network_transmit_bytes_total", SeriesKind::counter, "bytes", "interface", "bytes sent"},
    MetricInfo{"host_uptime_seconds", SeriesKind::gauge, "seconds", "", "since the host was started"},
    MetricInfo{"service_cpu_used_ratio", SeriesKind::gauge, "ratio", "service", "processors used by all processes of the service (1 = one processor)"},
    MetricInfo{"service_cpu_seconds_total", SeriesKind::counter, "seconds", "service", "processor time of all processes of the service, since the agent's start"},
    MetricInfo{"service_memory_resident_bytes", SeriesKind::gauge, "bytes", "service", "resident memory of all processes, shared pages counted in each"},
    MetricInfo{"service_threads", SeriesKind::gauge, "threads", "service", "threads of all processes"},
    MetricInfo{"service_open_files", SeriesKind::gauge, "files", "service", "open files of all processes; before Linux 6.2 only with the right to look (CAP_SYS_PTRACE)"},
    MetricInfo{"service_processes", SeriesKind::gauge, "processes", "service", "main and worker processes"},
    MetricInfo{"agent_spool_bytes", SeriesKind::gauge, "bytes", "", "batches on disk that wait for the server"},
    MetricInfo{"agent_memory_resident_bytes", SeriesKind::gauge, "bytes", "", "the agent's own memory"},
    MetricInfo{"agent_cpu_seconds_total", SeriesKind::counter, "seconds", "", "the agent's own processor time"},
    MetricInfo{"agent_log_lag_bytes", SeriesKind::gauge, "bytes", "source", "what is written to a log and not read yet"},
    MetricInfo{"agent_batches_refused_total", SeriesKind::counter, "batches", "", "batches that the server refused for good and that were put aside"},
    MetricInfo{"agent_batches_dropped_total", SeriesKind::counter, "batches", "", "batches dropped because the spool was full"},
};
// clang-format on

/// Only names of the table can be sent: another one does not compile.
consteval const MetricInfo& metric(std::string_view name) {
  for (const MetricInfo& info : kMetrics)
    if (info.name == name) return info;
  throw "not in the metric table";
}

/// docs/metrics.md.
std::string metrics_markdown();

}  // namespace sentinella::agent
