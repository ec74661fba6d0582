// Ceilometer's meters of hypervisors out of what our agents measure there (the agent's source libvirt): no
// agent of OpenStack's needs to run beside ours.
//
// | the agent's series | meter |
// | --- | --- |
// | libvirt_domain_info_cpu_time_seconds_total | cpu, ns, cumulative |
// | libvirt_domain_info_virtual_cpus | vcpus |
// | libvirt_domain_info_maximum_memory_bytes, ..._memory_usage_bytes | memory, memory.resident, MB |
// | libvirt_domain_block_stats_{read,write}_bytes_total | disk.{read,write}.bytes, cumulative |
// | libvirt_domain_interface_stats_{receive,transmit}_{bytes,packets,errors,drops}_total |
// |                    network.{incoming,outgoing}.{bytes,packets,packets.error,packets.drop}, cumulative |
//
// The resource is the instance, of interfaces UUID-DEVICE. Metadata: display_name, instance_host,
// instance_id, vcpus, vnic_name.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "model/labels.h"
#include "telemetry/meter_sample.h"

namespace sentinella::telemetry {

/// One series of an agent and its newest sample.
struct HypervisorReading {
  const Labels* labels = nullptr;
  Time at;
  double value = 0;
};

/// What the names of the series that are read begin with.
inline constexpr std::string_view kHypervisorSeries = "libvirt_domain_";

/// Not thread-safe.
class HypervisorMeters {
 public:
  /// Samples of those readings that are newer than what their series gave before.
  std::vector<MeterSample> samples(const std::vector<HypervisorReading>& readings);

 private:
  std::unordered_map<std::string, Time> newest_;  ///< by resource and meter
};

}  // namespace sentinella::telemetry
