#include "agent/discover/discover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;

const Finding* find(const std::vector<Finding>& findings, std::string_view name) {
  for (const Finding& finding : findings)
    if (finding.service.name == name) return &finding;
  return nullptr;
}

TEST(Discover, RunningServicesAreFoundWithTheLogTheyHaveOpen) {
  const std::vector<RunningProcess> processes = {
      {7, {"/usr/bin/python3", "/usr/bin/nova-compute"}, {"/srv/log/other.log", "/srv/log/nova-compute.log"}},
      {8, {"/usr/bin/python3", "/usr/bin/glance-api", "--log-file=/srv/glance.log"}, {}},
      {9, {"/usr/bin/python3", "/usr/bin/cinder-volume"}, {}}};
  const auto findings = find_services(
      processes, [](const std::string& path) { return path == "/var/log/cinder/volume.log"; }, "h");
  EXPECT_EQ(find(findings, "nova-compute")->service.log, "/srv/log/nova-compute.log");
  EXPECT_TRUE(find(findings, "nova-compute")->service.enabled);
  EXPECT_THAT(find(findings, "nova-compute")->evidence, HasSubstr("pid 7"));
  EXPECT_EQ(find(findings, "glance-api")->service.log, "/srv/glance.log");
  EXPECT_EQ(find(findings, "cinder-volume")->service.log, "/var/log/cinder/volume.log");
  EXPECT_FALSE(find(findings, "nova-api")->service.enabled) << "asked for, though it does not run";
  EXPECT_EQ(find(findings, "heat-api"), nullptr);
}

}  // namespace
}  // namespace sentinella::agent
