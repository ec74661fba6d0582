// What the shipped pollsters make of answers in the shape of each API's own reference.
#include <algorithm>

#include <gmock/gmock.h>

#include "base/json.h"
#include "telemetry/polling/pollster.h"
#include "telemetry/shipped_files.h"

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr Time kAsked{1'700'000'000'000'000'000};

const Pollster& shipped(const std::string& name) {
  static const std::vector<Pollster> all = *Pollster::parse_all(shipped_file("pollsters.yaml"));
  const auto found = std::ranges::find(all, name, &Pollster::name);
  EXPECT_NE(found, all.end()) << name;
  return *found;
}

std::vector<MeterSample> samples(const std::string& name, std::string_view answer) {
  return shipped(name).samples(*parse_json(answer), kAsked);
}

/// "resource volume" of each.
std::vector<std::string> told(const std::string& name, std::string_view answer) {
  std::vector<std::string> out;
  for (const MeterSample& one : samples(name, answer))
    out.push_back(fmt::format("{} {}", one.resource_id, one.volume));
  return out;
}

constexpr std::string_view kPools = R"({"pools": [
  {"name": "ctl1@lvm#LVM_iSCSI", "capabilities": {"pool_name": "LVM_iSCSI", "volume_backend_name": "LVM_iSCSI",
    "vendor_name": "Open Source", "storage_protocol": "iSCSI", "driver_version": "3.0.0", "timestamp": "2026-11-21T10:00:00.000000",
    "total_capacity_gb": 1024, "free_capacity_gb": 960.5, "provisioned_capacity_gb": 64.0, "allocated_capacity_gb": 63,
    "reserved_percentage": 0, "max_over_subscription_ratio": "20.0", "thin_provisioning_support": true}},
  {"name": "ctl1@ceph#ceph", "capabilities": {"pool_name": "ceph", "volume_backend_name": "ceph", "total_capacity_gb": "infinite",
    "free_capacity_gb": "unknown", "allocated_capacity_gb": 7}}]})";

TEST(ShippedPollsters, PoolsOfVolumesHaveTheirCapacities) {
  EXPECT_THAT(told("volume.provider.pool.capacity.total", kPools), ElementsAre("ctl1@lvm#LVM_iSCSI 1024"));
  EXPECT_THAT(told("volume.provider.pool.capacity.free", kPools), ElementsAre("ctl1@lvm#LVM_iSCSI 960.5"));
  EXPECT_THAT(told("volume.provider.pool.capacity.provisioned", kPools),
              ElementsAre("ctl1@lvm#LVM_iSCSI 64"));
  EXPECT_THAT(told("volume.provider.pool.capacity.allocated", kPools),
              ElementsAre("ctl1@lvm#LVM_iSCSI 63", "ctl1@ceph#ceph 7"));
  EXPECT_EQ(boost::json::serialize(
                samples("volume.provider.pool.capacity.total", kPools).at(0).resource_metadata()),
            R"({"backend":"LVM_iSCSI","pool_name":"LVM_iSCSI","vendor":"Open Source"})");
}

TEST(ShippedPollsters, ServicesOfVolumesAreUpOrDown) {
  EXPECT_THAT(told("volume.service.health", R"({"services": [
      {"binary": "cinder-scheduler", "host": "ctl1", "zone": "nova", "status": "enabled", "state": "up",
       "updated_at": "2026-11-21T10:00:00.000000", "disabled_reason": null},
      {"binary": "cinder-volume", "host": "ctl1@lvm", "zone": "nova", "status": "disabled", "state": "down"}]})"),
              ElementsAre("cinder-scheduler@ctl1 1", "cinder-volume@ctl1@lvm 0"));
}

TEST(ShippedPollsters, NeutronsServicesHaveCeilometersNumbers) {
  EXPECT_THAT(told("network.services.vpn", R"({"vpnservices": [
      {"id": "v1", "name": "vpn", "status": "ACTIVE", "router_id": "r", "subnet_id": null, "admin_state_up": true,
       "tenant_id": "p", "project_id": "p", "description": "", "external_v4_ip": "172.24.4.2", "external_v6_ip": null, "flavor_id": null},
      {"id": "v2", "status": "DOWN"}, {"id": "v3", "status": "ERROR"}, {"id": "v4", "status": "ODD"}]})"),
              ElementsAre("v1 1", "v2 3", "v3 7", "v4 -1"));
  EXPECT_THAT(told("network.services.vpn.connections", R"({"ipsec_site_connections": [
      {"id": "c1", "name": "site", "status": "DOWN", "psk": "topsecret", "peer_address": "172.24.4.233", "project_id": "p"}]})"),
              ElementsAre("c1 1"));
  EXPECT_THAT(told("network.services.firewall", R"({"firewall_groups": [
      {"id": "f1", "name": "default", "status": "INACTIVE", "admin_state_up": true, "ports": [], "shared": false,
       "ingress_firewall_policy_id": "i", "egress_firewall_policy_id": "e", "project_id": "p"}]})"),
              ElementsAre("f1 0"));
  EXPECT_THAT(told("network.services.firewall.policy", R"({"firewall_policies": [
      {"id": "p1", "name": "default ingress", "audited": false, "shared": false, "firewall_rules": ["a"], "project_id": "p"}]})"),
              ElementsAre("p1 1"));
}

TEST(ShippedPollsters, NoSecretOfAVpnIsKept) {
  const auto made =
      samples("network.services.vpn.connections",
              R"({"ipsec_site_connections": [{"id": "c1", "name": "site", "psk": "topsecret"}]})");
  EXPECT_EQ(boost::json::serialize(made.at(0).resource_metadata()), R"({"name":"site"})");
}

TEST(ShippedPollsters, LoadBalancersHaveBothTheirStates) {
  constexpr std::string_view kBalancers = R"({"loadbalancers": [
      {"id": "l1", "name": "web", "vip_address": "203.0.113.50", "vip_port_id": "q", "provider": "amphora",
       "provisioning_status": "ACTIVE", "operating_status": "ONLINE", "project_id": "p", "availability_zone": null},
      {"id": "l2", "name": "old", "provisioning_status": "PENDING_DELETE", "operating_status": "NO_MONITOR"}],
    "loadbalancers_links": [{"href": "http://ctl1:9876/v2/lbaas/loadbalancers?marker=l2", "rel": "next"}]})";
  EXPECT_THAT(told("loadbalancer.operating", kBalancers), ElementsAre("l1 1", "l2 6"));
  EXPECT_THAT(told("loadbalancer.provisioning", kBalancers), ElementsAre("l1 1", "l2 6"));
  EXPECT_EQ(shipped("loadbalancer.operating").next_url(*parse_json(kBalancers)),
            "http://ctl1:9876/v2/lbaas/loadbalancers?marker=l2");
}

TEST(ShippedPollsters, ZonesHaveStateSerialTimeToLiveAndRecords) {
  constexpr std::string_view kZones = R"({"zones": [
      {"id": "z1", "name": "example.org.", "email": "joe@example.org", "ttl": 7200, "serial": 1404757531, "status": "ACTIVE",
       "action": "NONE", "type": "PRIMARY", "pool_id": "572b", "project_id": "p", "masters": [], "version": 1},
      {"id": "z2", "name": "example.net.", "ttl": null, "serial": 1, "status": "ERROR", "project_id": "q"}],
    "links": {"self": "http://ctl1:9001/v2/zones", "next": "http://ctl1:9001/v2/zones?marker=z2"},
    "metadata": {"total_count": 2}})";
  EXPECT_THAT(told("dns.zone.ttl", kZones), ElementsAre("z1 7200"));
  EXPECT_THAT(told("dns.zone.serial", kZones), ElementsAre("z1 1404757531", "z2 1"));
  EXPECT_THAT(told("dns.zone.status", kZones), ElementsAre("z1 1", "z2 3"));
  EXPECT_EQ(shipped("dns.zone.status").next_url(*parse_json(kZones)), "http://ctl1:9001/v2/zones?marker=z2");
  const auto counted = samples("dns.zone.recordsets", R"({"recordsets": [
      {"id": "r1", "zone_id": "z1", "project_id": "p", "name": "example.org.", "type": "NS"},
      {"id": "r2", "zone_id": "z1", "project_id": "p", "name": "www.example.org.", "type": "A"},
      {"id": "r3", "zone_id": "z2", "project_id": "q", "name": "example.net.", "type": "SOA"}]})");
  ASSERT_THAT(counted, SizeIs(2));
  EXPECT_EQ(counted[0].resource_id, "z1");
  EXPECT_EQ(counted[0].volume, 2);
  EXPECT_EQ(counted[1].project_id, "q");
}

TEST(ShippedPollsters, SharesHaveSizeAndState) {
  constexpr std::string_view kShares = R"({"shares": [
      {"id": "s1", "name": "home", "size": 5, "status": "available", "share_proto": "NFS", "share_type": "t", "host": "ctl1@generic#g",
       "availability_zone": "nova", "share_network_id": "n", "is_public": false, "project_id": "p", "metadata": {}},
      {"id": "s2", "name": "gone", "size": 1, "status": "error_deleting", "project_id": "p"}]})";
  EXPECT_THAT(told("manila.share.size", kShares), ElementsAre("s1 5", "s2 1"));
  EXPECT_THAT(told("manila.share.status", kShares), ElementsAre("s1 1", "s2 5"));
  EXPECT_EQ(samples("manila.share.size", kShares).at(0).resource_metadata().at("protocol"), "NFS");
}

TEST(ShippedPollsters, VolumesAndInstancesKeepTheirProject) {
  EXPECT_EQ(samples("volume.size", R"({"volumes": [{"id": "v", "size": 2, "status": "in-use",
      "os-vol-tenant-attr:tenant_id": "p", "user_id": "u"}]})")
                .at(0)
                .project_id,
            "p");
  const auto server =
      samples("power.state", R"({"servers": [{"id": "i", "name": "web", "tenant_id": "p", "user_id": "u",
      "OS-EXT-STS:power_state": 1, "OS-EXT-SRV-ATTR:host": "compute1", "status": "ACTIVE",
      "flavor": {"original_name": "m1.tiny"}, "image": ""}]})");
  EXPECT_EQ(server.at(0).volume, 1);
  EXPECT_EQ(server.at(0).resource_metadata().at("host"), "compute1");
}

}  // namespace
}  // namespace sentinella::telemetry
