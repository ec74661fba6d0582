#include "agent/collect/ceph.h"

#include <gtest/gtest.h>

#include "agent/collect/testing.h"

namespace sentinella::agent {
namespace {

TEST(Ceph, AClusterThatLostAHostIsSeenAsItIs) {
  Written written;
  ASSERT_TRUE(write_ceph_status(saved("ceph-status.json"), written.out));
  EXPECT_EQ(written["ceph_health_status"], 1);
  EXPECT_EQ(written[R"(ceph_health_detail{name="OSD_DOWN",severity="HEALTH_WARN"})"], 1);
  EXPECT_EQ(written["ceph_mon_count"], 3);
  EXPECT_EQ(written["ceph_mon_quorum_count"], 2);
  EXPECT_EQ(written["ceph_osd_count"], 6);
  EXPECT_EQ(written["ceph_osd_up_count"], 4);
  EXPECT_EQ(written["ceph_osd_in_count"], 6);
  EXPECT_EQ(written["ceph_mgr_available"], 1);
  EXPECT_EQ(written["ceph_pg_total"], 129);
  EXPECT_EQ(written["ceph_pg_active"], 127);
  EXPECT_EQ(written["ceph_pg_clean"], 40);
  EXPECT_EQ(written["ceph_pg_down"], 2);
  EXPECT_EQ(written["ceph_objects_degraded"], 1234);
  EXPECT_EQ(written["ceph_cluster_total_bytes"], 644'245'094'400);
}

TEST(Ceph, TheMapOfReleasesBeforeOctopusIsReadToo) {
  Written written;
  ASSERT_TRUE(write_ceph_status(
      R"({"health":{"status":"HEALTH_OK","checks":{}},"quorum_names":["a"],"monmap":{"mons":[{"name":"a"},{"name":"b"}]},)"
      R"("osdmap":{"osdmap":{"num_osds":3,"num_up_osds":3,"num_in_osds":2}},"pgmap":{}})",
      written.out));
  EXPECT_EQ(written["ceph_health_status"], 0);
  EXPECT_EQ(written["ceph_mon_count"], 2);
  EXPECT_EQ(written["ceph_osd_in_count"], 2);
}

TEST(Ceph, PoolsTellHowFullTheyAre) {
  Written written;
  ASSERT_TRUE(write_ceph_df(saved("ceph-df.json"), written.out));
  EXPECT_EQ(written[R"(ceph_pool_percent_used{name="volumes"})"], 0.73);
  EXPECT_EQ(written[R"(ceph_pool_max_avail_bytes{name="volumes"})"], 53'687'091'200);
  EXPECT_EQ(written[R"(ceph_pool_objects{name="images"})"], 312);
}

TEST(Ceph, WhatIsNotItsAnswerIsRefused) {
  Written written;
  for (const char* text : {"", "[]", "{}", R"({"health":7})", "Error ENOENT"}) {
    EXPECT_FALSE(write_ceph_status(text, written.out)) << text;
    EXPECT_FALSE(write_ceph_df(text, written.out)) << text;
  }
}

}  // namespace
}  // namespace sentinella::agent
