#include "agent/collect/openvswitch.h"

#include <gtest/gtest.h>

#include "agent/collect/json_fields.h"
#include "agent/collect/json_rpc.h"
#include "agent/collect/testing.h"

namespace sentinella::agent {
namespace {

/// The field "result" of a saved answer.
boost::json::value saved_result(const std::string& name) {
  const auto answer = parse_json(saved(name));
  EXPECT_TRUE(answer);
  const auto* result = answer ? field_of(*answer, "result") : nullptr;
  EXPECT_NE(result, nullptr);
  return result ? *result : boost::json::value();
}

TEST(Openvswitch, InterfacesAreReadFromItsDatabase) {
  Written written;
  ASSERT_TRUE(write_ovsdb(saved_result("ovsdb-transact.json"), written.out));
  EXPECT_EQ(written["ovs_bridges"], 2);
  EXPECT_EQ(written["ovs_configuration_pending"], 0);
  EXPECT_EQ(written[R"(ovs_interface_admin_up{interface="br-int",type="internal"})"], 1);
  EXPECT_EQ(written[R"(ovs_interface_link_up{interface="vm1",type="dummy"})"], 1);
  EXPECT_EQ(written[R"(ovs_interface_error{interface="broken",type="nonsense"})"], 1);
  EXPECT_EQ(written[R"(ovs_interface_receive_packets_total{interface="vm1",type="dummy"})"], 1);
  EXPECT_EQ(written[R"(ovs_interface_receive_bytes_total{interface="vm1",type="dummy"})"], 54);
  EXPECT_EQ(written[R"(ovs_controller_connected{target="tcp:127.0.0.1:6653"})"], 0);
}

TEST(Openvswitch, FlowsOfTheDatapathAreReadFromItsOwnReport) {
  Written written;
  write_upcalls(saved("ovs-upcall-show.txt"), written.out);
  EXPECT_EQ(written["ovs_datapath_flows_limit"], 10000);
  EXPECT_EQ(written["ovs_datapath_flows"], 1);
}

TEST(Ovn, AClusteredDatabaseTellsWhetherItHasALeader) {
  Written written;
  write_cluster_status(saved("ovn-cluster-status.txt"), "OVN_Southbound", written.out);
  EXPECT_EQ(written[R"(ovn_db_cluster_member{database="OVN_Southbound"})"], 1);
  EXPECT_EQ(written[R"(ovn_db_cluster_leader{database="OVN_Southbound"})"], 1);
  EXPECT_EQ(written[R"(ovn_db_cluster_has_leader{database="OVN_Southbound"})"], 1);
  EXPECT_TRUE(written.has("ovn_db_cluster_term"));
  Written alone;
  write_cluster_status("Status: cluster member\nRole: candidate\nTerm: 7\nLeader: unknown\n", "d", alone.out);
  EXPECT_EQ(alone[R"(ovn_db_cluster_has_leader{database="d"})"], 0);
  Written not_clustered;
  write_cluster_status("", "d", not_clustered.out);
  EXPECT_EQ(not_clustered.size(), 0u);
}

TEST(JsonRpc, TheEndOfAnAnswerIsFoundInWhateverPiecesItComes) {
  const std::string text = R"({"id":1,"result":["a}\"]{",{"b":[]}]}{"next":1})";
  const std::size_t end = text.find("{\"next");
  JsonEnd search;
  for (std::size_t size = 0; size < end; ++size) {
    const auto found = search.find(std::string_view(text).substr(0, size));
    ASSERT_TRUE(found);
    EXPECT_FALSE(*found) << size;
  }
  EXPECT_EQ(**search.find(text), end);
  EXPECT_FALSE(JsonEnd().find("HTTP/1.1 400"));
  EXPECT_FALSE(JsonEnd().find("]"));
  EXPECT_FALSE(JsonEnd().find("\"text\""));
}

TEST(Openvswitch, WhatIsNotItsAnswerIsRefused) {
  Written written;
  for (const char* text : {"{}", "[]", "[1,2,3]", "7"})
    EXPECT_FALSE(write_ovsdb(*parse_json(text), written.out)) << text;
  ASSERT_TRUE(write_ovsdb(*parse_json("[1,2,3,4]"), written.out));
  EXPECT_FALSE(written.has("ovs_interface_error"));
  ASSERT_TRUE(parse_json(ovsdb_request()));
}

}  // namespace
}  // namespace sentinella::agent
