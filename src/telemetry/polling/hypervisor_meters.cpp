#include "telemetry/polling/hypervisor_meters.h"

#include <algorithm>
#include <array>
#include <map>

namespace sentinella::telemetry {
namespace {

constexpr std::size_t kMostReadings = 1'000'000;

struct HypervisorMeter {
  std::string_view series, meter;
  MeterType type;
  std::string_view unit;
  double scale;
};

constexpr double kMegabyte = 1024 * 1024;
constexpr auto kCumulative = MeterType::cumulative;
constexpr auto kGauge = MeterType::gauge;
constexpr std::array<HypervisorMeter, 14> kHypervisorMeters{
    {{"info_cpu_time_seconds_total", "cpu", kCumulative, "ns", 1e9},
     {"info_virtual_cpus", "vcpus", kGauge, "vcpu", 1},
     {"info_maximum_memory_bytes", "memory", kGauge, "MB", 1 / kMegabyte},
     {"info_memory_usage_bytes", "memory.resident", kGauge, "MB", 1 / kMegabyte},
     {"block_stats_read_bytes_total", "disk.read.bytes", kCumulative, "B", 1},
     {"block_stats_write_bytes_total", "disk.write.bytes", kCumulative, "B", 1},
     {"interface_stats_receive_bytes_total", "network.incoming.bytes", kCumulative, "B", 1},
     {"interface_stats_receive_packets_total", "network.incoming.packets", kCumulative, "packet", 1},
     {"interface_stats_receive_errors_total", "network.incoming.packets.error", kCumulative, "packet", 1},
     {"interface_stats_receive_drops_total", "network.incoming.packets.drop", kCumulative, "packet", 1},
     {"interface_stats_transmit_bytes_total", "network.outgoing.bytes", kCumulative, "B", 1},
     {"interface_stats_transmit_packets_total", "network.outgoing.packets", kCumulative, "packet", 1},
     {"interface_stats_transmit_errors_total", "network.outgoing.packets.error", kCumulative, "packet", 1},
     {"interface_stats_transmit_drops_total", "network.outgoing.packets.drop", kCumulative, "packet", 1}}};

const HypervisorMeter* meter_of(std::string_view series) {
  if (!series.starts_with(kHypervisorSeries)) return nullptr;
  const auto found =
      std::ranges::find(kHypervisorMeters, series.substr(kHypervisorSeries.size()), &HypervisorMeter::series);
  return found == kHypervisorMeters.end() ? nullptr : &*found;
}

/// What is the same for all samples of an instance.
using ByInstance = std::map<std::string_view, double>;

Metadata metadata_of(const Labels& labels, const ByInstance& processors) {
  auto out = std::make_shared<boost::json::object>();
  const std::string_view instance = labels.get("uuid"), device = labels.get("target_device");
  (*out)["instance_id"] = instance;
  (*out)["display_name"] = labels.get("domain");
  (*out)["instance_host"] = labels.get("host");
  if (!device.empty()) (*out)["vnic_name"] = device;
  if (const auto count = processors.find(instance); count != processors.end())
    (*out)["vcpus"] = count->second;
  return out;
}

}  // namespace

std::vector<MeterSample> HypervisorMeters::samples(const std::vector<HypervisorReading>& readings) {
  ByInstance processors;
  for (const HypervisorReading& one : readings)
    if (const auto* meter = meter_of(one.labels->get(kMetricName));
        meter != nullptr && meter->meter == "vcpus")
      processors[one.labels->get("uuid")] = one.value;
  if (newest_.size() > kMostReadings) newest_.clear();
  std::vector<MeterSample> out;
  for (const HypervisorReading& one : readings) {
    const auto* meter = meter_of(one.labels->get(kMetricName));
    const std::string_view instance = one.labels->get("uuid"), device = one.labels->get("target_device");
    if (meter == nullptr || instance.empty()) continue;
    MeterSample sample;
    sample.resource_id = device.empty() ? std::string(instance) : fmt::format("{}-{}", instance, device);
    Time& newest = newest_[fmt::format("{} {}", sample.resource_id, meter->meter)];
    if (one.at <= newest) continue;
    newest = one.at;
    sample.name = meter->meter;
    sample.type = meter->type;
    sample.unit = meter->unit;
    sample.volume = one.value * meter->scale;
    sample.timestamp = one.at;
    sample.metadata = metadata_of(*one.labels, processors);
    out.push_back(std::move(sample));
  }
  return out;
}

}  // namespace sentinella::telemetry
