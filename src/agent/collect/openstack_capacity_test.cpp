#include "agent/collect/openstack_capacity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/collect/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::SizeIs;

const NamedId kProject{"f4e6", "web"};
const NamedId kProvider{"8b1d", "compute1"};

TEST(Capacity, ProjectsAndProvidersAreListedWithinBounds) {
  const auto projects = read_projects(R"({"projects":[{"id":"a1","name":"web","enabled":true},
    {"id":"b2","name":"old","enabled":false},{"id":"../x","name":"evil"},{"id":"c3","name":"db"}]})",
                                      10);
  ASSERT_TRUE(projects);
  ASSERT_THAT(*projects, SizeIs(2));
  EXPECT_EQ((*projects)[1].name, "db");
  const auto providers =
      read_providers(R"({"resource_providers":[{"uuid":"u-1","name":"c1"},{"uuid":"u-2","name":"c2"}]})", 1);
  ASSERT_TRUE(providers);
  EXPECT_THAT(*providers, SizeIs(1));
  EXPECT_FALSE(read_projects("{}", 10));
}

TEST(Capacity, QuotasOfAllThreeServicesAreReadAndNoLimitIsNone) {
  Written written;
  ASSERT_TRUE(write_quota(
      R"({"quota_set":{"id":"f4e6","cores":{"limit":20,"in_use":4,"reserved":0},"ram":{"limit":-1,"in_use":512}}})",
      "compute", kProject, "i", written.out));
  ASSERT_TRUE(write_quota(R"({"quota":{"port":{"limit":500,"used":17,"reserved":0}}})", "network", kProject,
                          "i", written.out));
  EXPECT_EQ(
      written[R"(openstack_quota_limit{api="compute",project="web",project_id="f4e6",resource="cores"})"],
      20);
  EXPECT_EQ(written[R"(openstack_quota_used{api="compute",project="web",project_id="f4e6",resource="ram"})"],
            512);
  EXPECT_EQ(written[R"(openstack_quota_used{api="network",project="web",project_id="f4e6",resource="port"})"],
            17);
  EXPECT_EQ(written.size(), 5u);
  EXPECT_FALSE(write_quota(R"({"quota":{}})", "compute", kProject, "i", written.out));
}

TEST(Capacity, PlacementTellsWhatAHostHasAndWhatIsGivenAway) {
  Written written;
  ASSERT_TRUE(write_inventories(
      R"({"resource_provider_generation":5,"inventories":{"VCPU":{"total":8,"reserved":1,"min_unit":1,"max_unit":8,
          "step_size":1,"allocation_ratio":4.0}}})",
      kProvider, "i", written.out));
  ASSERT_TRUE(
      write_usages(R"({"resource_provider_generation":5,"usages":{"VCPU":6}})", kProvider, "i", written.out));
  const std::string labels = R"({hostname="compute1",resourcetype="VCPU"})";
  EXPECT_EQ(written["openstack_placement_resource_total" + labels], 8);
  EXPECT_EQ(written["openstack_placement_resource_allocation_ratio" + labels], 4);
  EXPECT_EQ(written["openstack_placement_resource_usage" + labels], 6);
}

TEST(Capacity, PoolsWithoutANumberAndImagesByStatus) {
  Written written;
  ASSERT_TRUE(write_cinder_pools(
      R"({"pools":[{"name":"ctl@ceph#ceph","capabilities":{"volume_backend_name":"ceph","total_capacity_gb":"infinite",
          "free_capacity_gb":"250.5","allocated_capacity_gb":12}}]})",
      "i", written.out));
  EXPECT_EQ(
      written[R"(openstack_cinder_pool_capacity_free_gb{name="ctl@ceph#ceph",volume_backend_name="ceph"})"],
      250.5);
  EXPECT_FALSE(written.has("openstack_cinder_pool_capacity_total_gb"));
  ASSERT_TRUE(write_glance_images(
      R"({"images":[{"status":"active","size":100},{"status":"active","size":50},{"status":"queued","size":null}]})",
      "i", written.out));
  EXPECT_EQ(written[R"(openstack_glance_images{status="active"})"], 2);
  EXPECT_EQ(written["openstack_glance_image_bytes"], 150);
}

}  // namespace
}  // namespace sentinella::agent
