#include "telemetry/polling/hypervisor_meters.h"

#include <gmock/gmock.h>

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Labels labels(std::string metric, std::string device = "") {
  return Labels({{std::string(kMetricName), "libvirt_domain_" + metric},
                 {"uuid", "vm"},
                 {"domain", "web"},
                 {"host", "c1"},
                 {"target_device", std::move(device)}});
}

TEST(HypervisorMeters, AnAgentsSeriesAreCeilometersMeters) {
  const Labels cpu = labels("info_cpu_time_seconds_total"), count = labels("info_virtual_cpus"),
               memory = labels("info_maximum_memory_bytes"),
               net = labels("interface_stats_receive_bytes_total", "tap0"), other = labels("s");
  HypervisorMeters meters;
  const auto samples = meters.samples({{&cpu, {10}, 1.5},
                                       {&count, {10}, 4},
                                       {&memory, {10}, 512.0 * 1024 * 1024},
                                       {&net, {10}, 7},
                                       {&other, {10}, 1}});
  std::vector<std::string> said;
  for (const MeterSample& one : samples)
    said.push_back(
        fmt::format("{} {} {} {} {}", one.name, to_string(one.type), one.resource_id, one.volume, one.unit));
  EXPECT_THAT(said, ElementsAre("cpu cumulative vm 1500000000 ns", "vcpus gauge vm 4 vcpu",
                                "memory gauge vm 512 MB", "network.incoming.bytes cumulative vm-tap0 7 B"));
  EXPECT_EQ(samples[0].resource_metadata().at("vcpus").as_double(), 4);
  EXPECT_EQ(samples[3].resource_metadata().at("instance_host"), "c1");
  EXPECT_EQ(samples[3].resource_metadata().at("vnic_name"), "tap0");
}

TEST(HypervisorMeters, WhatWasReadBeforeIsNoNewSample) {
  const Labels cpu = labels("info_cpu_time_seconds_total");
  HypervisorMeters meters;
  EXPECT_EQ(meters.samples({{&cpu, {10}, 1}}).size(), 1U);
  EXPECT_THAT(meters.samples({{&cpu, {10}, 1}}), IsEmpty());
  EXPECT_EQ(meters.samples({{&cpu, {11}, 1}}).size(), 1U);
}

}  // namespace
}  // namespace sentinella::telemetry
