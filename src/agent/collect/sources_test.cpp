// Every source's reading of real answers, and what follows from who answers and who does not.
#include "agent/collect/sources.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/collect/haproxy.h"
#include "agent/collect/mariadb.h"
#include "agent/collect/memcached.h"
#include "agent/collect/openstack.h"
#include "agent/collect/rabbitmq.h"
#include "agent/collect/testing.h"
#include "agent/collect/units.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Memcached, ItsStatisticsAreRead) {
  Written written;
  ASSERT_TRUE(write_memcached(saved("memcached-stats.txt"), "i", written.out));
  EXPECT_EQ(written["memcached_up"], 1);
  EXPECT_EQ(written["memcached_max_connections"], 1024);
  EXPECT_EQ(written["memcached_limit_bytes"], 67108864);
  EXPECT_EQ(written["memcached_get_misses_total"], 1);
  EXPECT_FALSE(write_memcached("STAT pid 7\r\n", "i", written.out)) << "cut short";
  EXPECT_FALSE(write_memcached("ERROR\r\n", "i", written.out));
}

TEST(Haproxy, BackendsServersAndFrontendsAreToldApart) {
  Written written;
  ASSERT_TRUE(write_haproxy(saved("haproxy-stat.csv"), "i", written.out));
  EXPECT_EQ(written[R"(haproxy_backend_up{proxy="nova_api"})"], 1);
  EXPECT_EQ(written[R"(haproxy_backend_active_servers{proxy="nova_api"})"], 1);
  EXPECT_EQ(written[R"(haproxy_backend_http_responses_total{code="5xx",proxy="nova_api"})"], 7);
  EXPECT_EQ(written[R"(haproxy_backend_response_time_average_seconds{proxy="nova_api"})"], 0.042);
  EXPECT_EQ(written[R"(haproxy_server_up{proxy="nova_api",server="ctl1"})"], 1);
  EXPECT_EQ(written[R"(haproxy_server_up{proxy="nova_api",server="ctl2"})"], 0);
  EXPECT_EQ(written[R"(haproxy_server_up{proxy="nova_api",server="ctl3"})"], 1)
      << "in maintenance on purpose";
  EXPECT_EQ(written[R"(haproxy_frontend_limit_sessions{proxy="nova_front"})"], 2000);
  EXPECT_EQ(written[R"(haproxy_backend_up{proxy="glance_api"})"], 0);
  EXPECT_FALSE(write_haproxy("<html>", "i", written.out));
  EXPECT_FALSE(write_haproxy("", "i", written.out));
}

TEST(Rabbitmq, AlarmsPartitionsAndMissingMembersAreSeen) {
  Written written;
  ASSERT_TRUE(write_rabbitmq_nodes(saved("rabbitmq-nodes.json"), "i", written.out));
  EXPECT_EQ(written[R"(rabbitmq_node_running{node="rabbit@ctl1"})"], 1);
  EXPECT_EQ(written[R"(rabbitmq_node_running{node="rabbit@ctl3"})"], 0);
  EXPECT_EQ(written[R"(rabbitmq_alarms_memory_used_watermark{node="rabbit@ctl1"})"], 1);
  EXPECT_EQ(written[R"(rabbitmq_alarms_free_disk_space_watermark{node="rabbit@ctl1"})"], 0);
  EXPECT_EQ(written[R"(rabbitmq_network_partitions{node="rabbit@ctl2"})"], 1);
  EXPECT_EQ(written[R"(rabbitmq_unreachable_cluster_peers_count{node="rabbit@ctl1"})"], 1);
  EXPECT_EQ(written[R"(rabbitmq_unreachable_cluster_peers_count{node="rabbit@ctl2"})"], 2);
  EXPECT_EQ(written[R"(rabbitmq_process_max_fds{node="rabbit@ctl1"})"], 65536);
  EXPECT_FALSE(write_rabbitmq_nodes("{\"error\":\"x\"}", "i", written.out));
}

TEST(Rabbitmq, QueuesOfOneLifeAreCountedTogether) {
  Written written;
  ASSERT_TRUE(write_rabbitmq_queues(saved("rabbitmq-queues.json"), "i", written.out));
  EXPECT_EQ(written[R"(rabbitmq_queue_messages_ready{queue="conductor",vhost="/"})"], 12);
  EXPECT_EQ(written[R"(rabbitmq_queue_consumers{queue="conductor",vhost="/"})"], 4);
  EXPECT_EQ(written[R"(rabbitmq_queue_messages_ready{queue="reply_*",vhost="/"})"], 5);
  EXPECT_EQ(written[R"(rabbitmq_queue_consumers{queue="reply_*",vhost="/"})"], 2);
  EXPECT_EQ(queue_family("scheduler_fanout_9f1c0e5b7d4a4f0aa0b1c2d3e4f50617"), "scheduler_fanout*");
  EXPECT_EQ(queue_family("compute.cmp-17"), "compute.cmp-17");
  EXPECT_EQ(queue_family("amq.gen-abc"), "amq.gen-*");
  EXPECT_EQ(queue_family("q-reports-plugin.3f0c2a7e-1111-4222-8333-944455556666"), "q-reports-plugin.*");
  EXPECT_FALSE(write_rabbitmq_queues("{}", "i", written.out));
}

TEST(Rabbitmq, TheClustersTotalsAreRead) {
  Written written;
  ASSERT_TRUE(write_rabbitmq_overview(saved("rabbitmq-overview.json"), "i", written.out));
  EXPECT_EQ(written["rabbitmq_connections"], 57);
  EXPECT_EQ(written["rabbitmq_messages_published_total"], 6437);
  EXPECT_FALSE(write_rabbitmq_overview("[]", "i", written.out));
}

TEST(Mariadb, GaleraIsToldOnlyWhereItIsUsed) {
  Written with, without;
  write_mariadb({{"Threads_connected", "12"},
                 {"wsrep_provider_name", "Galera"},
                 {"wsrep_cluster_status", "Primary"},
                 {"wsrep_ready", "ON"},
                 {"wsrep_cluster_size", "3"},
                 {"max_connections", "4096"},
                 {"Innodb_whatever", "1"}},
                "i", with.out);
  EXPECT_EQ(with["mysql_global_status_threads_connected"], 12);
  EXPECT_EQ(with["mysql_global_status_wsrep_cluster_status"], 1);
  EXPECT_EQ(with["mysql_global_status_wsrep_ready"], 1);
  EXPECT_EQ(with["mysql_global_variables_max_connections"], 4096);
  EXPECT_EQ(with.size(), 5u);
  write_mariadb({{"wsrep_provider_name", ""}, {"wsrep_cluster_status", "Disconnected"}, {"Uptime", "7"}}, "i",
                without.out);
  EXPECT_FALSE(without.has("mysql_global_status_wsrep_cluster_status"));
  EXPECT_EQ(without["mysql_global_status_uptime"], 7);
}

UnitState unit(std::string id, std::string active, std::string sub, std::string result,
               std::uint32_t restarts, std::string file) {
  return {std::move(id),     "loaded", std::move(active), std::move(sub),
          std::move(result), restarts, std::move(file)};
}

TEST(Units, FailedRestartingAndThoseNotEnabledAreSeen) {
  Written written;
  const UnitState api = unit("nova-api.service", "active", "running", "success", 0, "enabled");
  UnitState absent;
  absent.id = "nova-cert.service";
  absent.load = "not-found";
  write_units(
      {api, api, absent, unit("nova-compute.service", "failed", "failed", "start-limit-hit", 5, "disabled"),
       unit("glance-api.service", "activating", "auto-restart", "exit-code", 3, "static")},
      written.out);
  EXPECT_EQ(written[R"(unit_active{unit="nova-api.service"})"], 1);
  EXPECT_EQ(written[R"(unit_enabled{unit="nova-api.service"})"], 1);
  EXPECT_EQ(written[R"(unit_restarts_total{unit="nova-compute.service"})"], 5);
  EXPECT_EQ(written[R"(unit_failed{unit="nova-compute.service"})"], 1);
  EXPECT_EQ(written[R"(unit_enabled{unit="nova-compute.service"})"], 0);
  EXPECT_EQ(written[R"(unit_restarting{unit="glance-api.service"})"], 1);
  EXPECT_EQ(written[R"(unit_failed{unit="glance-api.service"})"], 0);
  EXPECT_EQ(written.size(), 14u) << "a unit that is not installed is none, and one with two names is one";
}

TEST(Openstack, TheCatalogueGivesInternalUrlsBeforePublicOnes) {
  const auto services = read_catalogue(saved("keystone-token.json"), "");
  EXPECT_EQ(services.at("compute"), "http://ctl.internal:8774/v2.1");
  EXPECT_EQ(services.at("network"), "https://cloud.example:9696");
  EXPECT_THAT(read_catalogue(saved("keystone-token.json"), "elsewhere"), IsEmpty());
  EXPECT_THAT(read_catalogue("{}", ""), IsEmpty());
  EXPECT_EQ(identity_url("http://k:5000/v2.0"), "http://k:5000/v3");
  EXPECT_EQ(identity_url("http://k:5000/"), "http://k:5000/v3");
  EXPECT_EQ(identity_url("http://k/identity/v3/"), "http://k/identity/v3");
}

TEST(Openstack, ATokenIsAskedForAsKeystoneWantsIt) {
  SourceConfig config;
  config.user = "monitor\"ing";
  config.project = "service";
  EXPECT_EQ(
      token_request(config, "pw"),
      R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"monitor\"ing","password":"pw",)"
      R"("domain":{"name":"Default"}}}},"scope":{"project":{"name":"service","domain":{"name":"Default"}}}}})");
  config.project.clear();
  EXPECT_TRUE(parse_json(token_request(config, "pw")));
}

TEST(Openstack, ServicesAgentsAndHypervisorsAreRead) {
  Written written;
  ASSERT_TRUE(write_nova_services(saved("nova-services.json"), "i", written.out));
  EXPECT_EQ(
      written
          [R"(openstack_nova_agent_state{adminState="enabled",hostname="compute2",service="nova-compute",zone="nova"})"],
      0);
  EXPECT_EQ(
      written
          [R"(openstack_nova_agent_state{adminState="enabled",hostname="ctl",service="nova-conductor",zone="internal"})"],
      1);
  ASSERT_TRUE(write_nova_hypervisors(saved("nova-hypervisors.json"), "i", written.out));
  EXPECT_EQ(written[R"(openstack_nova_vcpus_used{hostname="compute1"})"], 3);
  EXPECT_EQ(written[R"(openstack_nova_memory_available_bytes{hostname="compute1"})"], 8192.0 * 1024 * 1024);
  EXPECT_EQ(written[R"(openstack_nova_hypervisor_up{hostname="compute1"})"], 1);
  ASSERT_TRUE(write_neutron_agents(saved("neutron-agents.json"), "i", written.out));
  EXPECT_EQ(
      written
          [R"(openstack_neutron_agent_state{adminState="up",hostname="compute1",service="neutron-openvswitch-agent"})"],
      0);
  ASSERT_TRUE(write_cinder_services(saved("nova-services.json"), "i", written.out));
  EXPECT_TRUE(written.has("openstack_cinder_agent_state"));
  EXPECT_FALSE(write_nova_services("{}", "i", written.out));
  EXPECT_FALSE(write_neutron_agents("not json", "i", written.out));
}

/// Answers as it is told.
class FakeSource final : public Source {
 public:
  FakeSource(bool local, std::vector<Result<void>> answers) : local_(local), answers_(std::move(answers)) {}
  std::string_view kind() const override { return "fake"; }
  std::string instance() const override { return "i"; }
  Duration every() const override { return 60s; }
  bool local() const override { return local_; }
  Result<void> collect(SampleWriter& out) override {
    out.add(metric("memcached_up"), 0);
    return answers_.at(asked_++);
  }

 private:
  bool local_;
  std::vector<Result<void>> answers_;
  std::size_t asked_ = 0;
};

Result<void> not_there() {
  return fail(Errc::kUnavailable, "connection refused");
}

/// One fake source, asked after a span of time that no wall clock has a say in.
struct OneSource {
  OneSource(bool local, std::vector<Result<void>> answers) : sources(only(local, std::move(answers)), due) {}
  static std::vector<std::unique_ptr<Source>> only(bool local, std::vector<Result<void>> answers) {
    std::vector<std::unique_ptr<Source>> sources;
    sources.push_back(std::make_unique<FakeSource>(local, std::move(answers)));
    return sources;
  }
  SourceRound after(Duration wait, Time wall = kSomeTime) {
    due.advance(wait);
    return sources.collect("h", wall);
  }
  ManualClock due{Time{1}};
  Sources sources;
};

TEST(Sources, OneConfigurationForAllNodesRaisesNothingWhereTheSystemIsNot) {
  OneSource one(true, {not_there(), {}, not_there()});
  EXPECT_TRUE(one.after(0s).batch.empty());
  EXPECT_THAT(one.sources.problems(), IsEmpty());
  EXPECT_EQ(one.after(60s).batch.series.size(), 3u) << "it came";
  const SourceRound gone = one.after(60s);
  EXPECT_EQ(gone.batch.series.size(), 3u) << "it was here, so that it is gone is news";
  EXPECT_THAT(gone.new_problems, ElementsAre(HasSubstr("fake i: connection refused")));
  EXPECT_THAT(one.sources.problems(), ElementsAre(HasSubstr("connection refused")));
}

TEST(Sources, OneElsewhereThatDoesNotAnswerIsToldOnce) {
  OneSource one(false, {not_there(), not_there(), {}});
  EXPECT_THAT(one.after(0s).new_problems, ElementsAre(HasSubstr("connection refused")));
  EXPECT_THAT(one.after(60s).new_problems, IsEmpty());
  one.after(60s);
  EXPECT_THAT(one.sources.problems(), IsEmpty());
}

TEST(Sources, OneThatWasGuessedIsAskedWhereItIsFound) {
  Config config;
  ServiceConfig service;
  service.name = "memcached";
  Sources sources(make_sources(config, {service}));
  sources.move("memcached", "memcached://127.0.0.1:1");  // nobody is there
  SourceRound round = sources.collect("h", kSomeTime);
  EXPECT_TRUE(round.batch.empty());
  sources.move("memcached", "memcached://192.0.2.1:1");
  round = sources.collect("h", kSomeTime);
  EXPECT_THAT(round.new_problems, ElementsAre(HasSubstr("192.0.2.1:1")));
}

TEST(Sources, EachIsAskedInItsOwnTime) {
  OneSource one(false, {{}, {}});
  EXPECT_FALSE(one.after(0s).batch.empty());
  EXPECT_TRUE(one.after(10s).batch.empty());
  EXPECT_FALSE(one.after(50s).batch.empty());
}

TEST(Sources, EachIsAskedInTimeWhenTheClockIsSetBack) {
  OneSource one(false, {{}, {}});
  one.after(0s);
  const SourceRound next = one.after(60s, kSomeTime - 2h);
  ASSERT_FALSE(next.batch.empty());
  EXPECT_EQ(next.batch.series[0].samples[0].at, kSomeTime - 2h);
}

TEST(Sources, APasswordMayStandInAFileOfItsOwn) {
  TemporaryDirectory directory;
  append_to(directory / "secret", "pass word\nsecond line\n");
  SourceConfig config;
  config.password = "in the open";
  EXPECT_EQ(*password_of(config), "in the open");
  config.password_file = directory / "secret";
  EXPECT_EQ(*password_of(config), "pass word");
  config.password_file = directory / "none";
  EXPECT_FALSE(password_of(config));
}

}  // namespace
}  // namespace sentinella::agent
