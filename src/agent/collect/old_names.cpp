#include "agent/collect/old_names.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "codec/metric_name.h"

namespace sentinella::agent {
namespace {

struct OldName {
  std::string_view now;
  std::string_view name;
  double factor = 1;
  bool difference = false;
  std::string_view label = "";      ///< ours
  std::string_view old_label = "";  ///< theirs
};

constexpr OldName kOldNames[] = {
    {"host_cpu_used_ratio", "cpu.percent", 100},
    {"host_memory_available_bytes", "memory.available"},
    {"host_memory_free_bytes", "memory.free"},
    {"host_memory_used_ratio", "memory.percent", 100},
    {"host_swap_used_bytes", "swap.used"},
    {"host_load1", "loadavg.1"},
    {"host_load5", "loadavg.5"},
    {"host_load15", "loadavg.15"},
    {"host_disk_reads_total", "disk_io.read_count", 1, true, "device", "disk"},
    {"host_disk_writes_total", "disk_io.write_count", 1, true, "device", "disk"},
    {"host_disk_read_bytes_total", "disk_io.read_bytes", 1, true, "device", "disk"},
    {"host_disk_written_bytes_total", "disk_io.write_bytes", 1, true, "device", "disk"},
    {"host_disk_read_seconds_total", "disk_io.read_time", 1000, true, "device", "disk"},
    {"host_disk_write_seconds_total", "disk_io.write_time", 1000, true, "device", "disk"},
    {"host_filesystem_size_bytes", "partition_usage.total", 1, false, "mountpoint", "partition"},
    {"host_filesystem_available_bytes", "partition_usage.free", 1, false, "mountpoint", "partition"},
    {"host_filesystem_used_ratio", "partition_usage.percent", 100, false, "mountpoint", "partition"},
    {"host_network_transmit_bytes_total", "net_io.bytes_sent", 1, true, "interface", "interface"},
    {"host_network_receive_bytes_total", "net_io.bytes_recv", 1, true, "interface", "interface"},
    {"host_network_transmit_packets_total", "net_io.packets_sent", 1, true, "interface", "interface"},
    {"host_network_receive_packets_total", "net_io.packets_recv", 1, true, "interface", "interface"},
    {"host_network_receive_errors_total", "net_io.errin", 1, true, "interface", "interface"},
    {"host_network_transmit_errors_total", "net_io.errout", 1, true, "interface", "interface"},
    {"host_network_receive_dropped_total", "net_io.dropin", 1, true, "interface", "interface"},
    {"host_network_transmit_dropped_total", "net_io.dropout", 1, true, "interface", "interface"},
    {"service_cpu_used_ratio", "cpu_percent", 100, false, "service", ""},
    {"service_threads", "num_threads", 1, false, "service", ""},
};

SeriesSamples renamed(const SeriesSamples& from, std::string_view dotted, double value,
                      const OldName* by = nullptr) {
  std::vector<Label> labels{{std::string(kMetricName), ""}, {"host", std::string(from.labels.get("host"))}};
  codec::append_metric_name(dotted, labels[0].value);
  if (by && !by->old_label.empty())
    labels.push_back({std::string(by->old_label), std::string(from.labels.get(by->label))});
  return {Labels(std::move(labels)), SeriesKind::gauge, {{from.samples.back().at, value}}};
}

/// The name of a service's figure holds the service's.
std::string of_process(const SeriesSamples& series, std::string_view figure) {
  return fmt::format("openstack.processes.{}.{}", series.labels.get("service"), figure);
}

/// What the old agent computed of several figures.
struct Sums {
  const SeriesSamples* memory_total = nullptr;
  const SeriesSamples* memory_available = nullptr;
  const SeriesSamples* swap_total = nullptr;
  const SeriesSamples* swap_used = nullptr;

  void take(std::string_view name, const SeriesSamples& series) {
    if (name == "host_memory_total_bytes") memory_total = &series;
    if (name == "host_memory_available_bytes") memory_available = &series;
    if (name == "host_swap_total_bytes") swap_total = &series;
    if (name == "host_swap_used_bytes") swap_used = &series;
  }
  void write(std::vector<SeriesSamples>& out) const {
    const auto value = [](const SeriesSamples* series) { return series->samples.back().value; };
    if (memory_total && memory_available)
      out.push_back(renamed(*memory_total, "memory.used", value(memory_total) - value(memory_available)));
    if (!swap_total || !swap_used) return;
    const double total = value(swap_total), used = value(swap_used);
    out.push_back(renamed(*swap_total, "swap.free", total - used));
    out.push_back(renamed(*swap_total, "swap.percent", total > 0 ? used / total * 100 : 0));
  }
};

}  // namespace

void OldNames::add(std::vector<SeriesSamples>& round) {
  std::vector<SeriesSamples> out;
  Sums sums;
  for (const SeriesSamples& series : round) sums.take(series.labels.get(kMetricName), series);
  sums.write(out);
  for (const SeriesSamples& series : round) {
    const std::string_view name = series.labels.get(kMetricName);
    double value = series.samples.back().value;
    if (name == "service_processes") {
      out.push_back(renamed(series, of_process(series, "up"), value > 0 ? 1 : 0));
      out.push_back(renamed(series, of_process(series, "is_running"), value > 0 ? 1 : 0));
    }
    if (name == "service_memory_resident_bytes" && sums.memory_total)
      out.push_back(renamed(series, of_process(series, "memory_percent"),
                            value / sums.memory_total->samples.back().value * 100));
    const auto* old = std::ranges::find(kOldNames, name, &OldName::now);
    if (old == std::end(kOldNames)) continue;
    if (old->difference) {
      const auto [before, is_new] = before_.try_emplace(series.labels, value);
      const double difference = value - std::exchange(before->second, value);
      if (is_new || difference < 0) continue;
      value = difference;
    }
    const std::string dotted =
        old->label == "service" ? of_process(series, old->name) : std::string(old->name);
    out.push_back(renamed(series, dotted, value * old->factor, old));
  }
  for (SeriesSamples& series : out) round.push_back(std::move(series));
}

}  // namespace sentinella::agent
