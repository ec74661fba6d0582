#include "agent/collect/old_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/collect/sample_writer.h"
#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> after(OldNames& names, double read_bytes) {
  std::vector<SeriesSamples> round;
  SampleWriter out(round, "h", kSomeTime);
  out.add(metric("host_cpu_used_ratio"), 0.25);
  out.add(metric("host_memory_total_bytes"), 1000);
  out.add(metric("host_memory_available_bytes"), 400);
  out.add(metric("host_swap_total_bytes"), 100);
  out.add(metric("host_swap_used_bytes"), 25);
  out.add(metric("host_disk_read_bytes_total"), read_bytes, "device", "sda");
  out.add(metric("host_filesystem_used_ratio"), 0.5, "mountpoint", "/srv");
  out.add(metric("service_processes"), 2, "service", "nova-api");
  out.add(metric("service_memory_resident_bytes"), 100, "service", "nova-api");
  out.add(metric("service_cpu_used_ratio"), 0.1, "service", "nova-api");
  const std::size_t own = round.size();
  names.add(round);
  std::vector<std::string> texts;
  for (std::size_t i = own; i < round.size(); ++i)
    texts.push_back(fmt::format("{} {}", round[i].labels.to_string(), round[i].samples[0].value));
  return texts;
}

TEST(OldNames, SayInPercentAndDifferencesWhatTheOldAgentSaid) {
  OldNames names;
  const auto first = after(names, 5000);
  EXPECT_THAT(first, Not(Contains(StartsWith("disk_io"))));
  EXPECT_THAT(after(names, 5300), IsSupersetOf({R"(cpu_percent{host="h"} 25)", R"(memory_used{host="h"} 600)",
                                                R"(swap_free{host="h"} 75)", R"(swap_percent{host="h"} 25)",
                                                R"(disk_io_read_bytes{disk="sda",host="h"} 300)",
                                                R"(partition_usage_percent{host="h",partition="/srv"} 50)",
                                                R"(openstack_processes_nova_api_up{host="h"} 1)",
                                                R"(openstack_processes_nova_api_memory_percent{host="h"} 10)",
                                                R"(openstack_processes_nova_api_cpu_percent{host="h"} 10)"}));
  EXPECT_THAT(after(names, 10), Not(Contains(StartsWith("disk_io")))) << "the host was started again";
}

}  // namespace
}  // namespace sentinella::agent
