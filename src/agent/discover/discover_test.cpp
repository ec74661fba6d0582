#include "agent/discover/discover.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/check/check_target.h"
#include "agent/discover/catalogue.h"

namespace sentinella::agent {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Finding* find(const std::vector<Finding>& findings, std::string_view name) {
  for (const Finding& finding : findings)
    if (finding.service.name == name) return &finding;
  return nullptr;
}

RunningProcess process(pid_t pid, std::vector<std::string> arguments) {
  RunningProcess out;
  out.pid = pid;
  out.arguments = std::move(arguments);
  return out;
}

std::vector<std::string> enabled(const std::vector<Finding>& findings) {
  std::vector<std::string> names;
  for (const Finding& finding : findings)
    if (finding.service.enabled) names.push_back(finding.service.name);
  return names;
}

TEST(Catalogue, HasSixtyServicesAndMoreEachOnce) {
  std::set<std::string_view> names;
  for (const KnownService& service : known_services()) {
    EXPECT_TRUE(names.insert(service.name).second) << service.name;
    EXPECT_FALSE(alternatives(service.process).empty()) << service.name;
    EXPECT_EQ(service.probe.empty(), service.port == 0)
        << service.name << ": a probe needs a port, and a port a probe";
    EXPECT_TRUE(service.configuration.starts_with("/etc/")) << service.name;
    if (service.probe.empty()) continue;
    const std::string url = check_url(service.name, {}, {{"127.0.0.1", service.port, 1}});
    EXPECT_TRUE(parse_check_url(url)) << service.name << ": " << url;
  }
  EXPECT_GE(names.size(), 100u);
}

TEST(Catalogue, LogsOfDebianRedHatAndKollaAreKnown) {
  EXPECT_THAT(usual_logs(*find_known_service("glance-api"), "h"),
              ::testing::ElementsAre("/var/log/glance/glance-api.log", "/var/log/glance/api.log",
                                     "/var/log/kolla/glance/glance-api.log"));
  EXPECT_THAT(usual_logs(*find_known_service("rabbitmq-server"), "ctl1"),
              ::testing::ElementsAre("/var/log/rabbitmq/rabbit@ctl1.log", "/var/log/rabbitmq/rabbitmq.log",
                                     "/var/log/kolla/rabbitmq/rabbit@ctl1.log"));
  EXPECT_THAT(usual_logs(*find_known_service("memcached"), "h"), IsEmpty());
}

TEST(Discover, FurtherLogsAreNamedWhereTheirDirectoryIsOpenToUs) {
  Surroundings here;
  here.host = "h";
  bool open = false;
  here.exists = [&](const std::string& path) {
    return path == "/var/log/libvirt/libvirtd.log" || (open && path == "/var/log/libvirt/qemu/.");
  };
  here.processes = {process(7, {"/usr/sbin/libvirtd"})};
  EXPECT_THAT(find(find_services(here), "libvirtd")->service.more_logs, IsEmpty());
  open = true;
  EXPECT_THAT(find(find_services(here), "libvirtd")->service.logs(),
              ::testing::ElementsAre("/var/log/libvirt/libvirtd.log", "/var/log/libvirt/qemu/*.log"));
}

TEST(Discover, RunningServicesAreFoundWithTheLogTheyHaveOpen) {
  Surroundings here;
  here.host = "h";
  here.exists = [](const std::string& path) { return path == "/var/log/cinder/volume.log"; };
  here.processes = {process(7, {"/usr/bin/python3", "/usr/bin/nova-compute"}),
                    process(8, {"/usr/bin/python3", "/usr/bin/glance-api", "--log-file=/srv/glance.log"}),
                    process(9, {"/usr/bin/python3", "/usr/bin/cinder-volume"})};
  here.processes[0].open_logs = {"/srv/log/other.log", "/srv/log/nova-compute.log"};
  const auto findings = find_services(here);
  EXPECT_EQ(find(findings, "nova-compute")->service.log, "/srv/log/nova-compute.log");
  EXPECT_TRUE(find(findings, "nova-compute")->service.enabled);
  EXPECT_THAT(find(findings, "nova-compute")->evidence, AllOf(HasSubstr("pid 7"), HasSubstr("log open")));
  EXPECT_EQ(find(findings, "glance-api")->service.log, "/srv/glance.log");
  EXPECT_EQ(find(findings, "cinder-volume")->service.log, "/var/log/cinder/volume.log");
  EXPECT_FALSE(find(findings, "nova-api")->service.enabled) << "asked for, though it does not run";
  EXPECT_EQ(find(findings, "heat-api"), nullptr);
}

TEST(Discover, EvidenceNamesUnitContainerPortAndConfiguration) {
  Surroundings here;
  here.exists = [](const std::string& path) { return path == "/etc/keystone/keystone.conf"; };
  here.processes = {process(20, {"keystone uWSGI master"}), process(21, {"keystone uWSGI worker 1"})};
  here.processes[0].unit = "keystone.service";
  here.processes[0].sockets = {77};
  here.processes[1].container = "3f4c1b0a9d8e";
  here.listening = {{"10.0.0.10", 5000, 77}, {"127.0.0.1", 5000, 78}};
  const auto findings = find_services(here);
  const Finding* keystone = find(findings, "keystone");
  ASSERT_TRUE(keystone);
  EXPECT_EQ(
      keystone->evidence,
      "pid 20 and 1 more, unit keystone.service, container 3f4c1b0a9d8e, listens: http://10.0.0.10:5000/v3, "
      "/etc/keystone/keystone.conf");
  EXPECT_EQ(keystone->service.check, "http://10.0.0.10:5000/v3");
}

TEST(Discover, AContainersLogIsReadWhereTheHostHasIt) {
  Surroundings here;
  here.processes = {process(7, {"/usr/bin/python3", "/usr/bin/nova-compute"}),
                    process(8, {"/usr/bin/python3", "/usr/bin/glance-api"}),
                    process(9, {"/usr/bin/python3", "/usr/bin/cinder-volume"})};
  for (RunningProcess& one : here.processes) one.container = "3f4c1b0a9d8e";
  here.processes[0].open_logs = {"/var/log/kolla/nova/nova-compute.log"};
  here.processes[1].container = "aaaaaaaaaaaa";
  const std::string volume = "/var/lib/docker/volumes/kolla_logs/_data/nova/nova-compute.log";
  here.exists = [&](const std::string& path) { return path == volume; };
  here.console = [](const std::string& container) {
    return container == "aaaaaaaaaaaa" ? "/var/lib/docker/containers/aaaaaaaaaaaa0/aaaaaaaaaaaa0-json.log"
                                       : "";
  };
  const auto findings = find_services(here);
  EXPECT_EQ(find(findings, "nova-compute")->service.log, volume);
  EXPECT_EQ(find(findings, "glance-api")->service.log, here.console("aaaaaaaaaaaa"));
  EXPECT_EQ(find(findings, "cinder-volume")->service.log, "/var/log/cinder/cinder-volume.log")
      << "nothing better is known";
  here.exists = [](const std::string&) { return true; };
  EXPECT_EQ(find(find_services(here), "nova-compute")->service.log, "/var/log/kolla/nova/nova-compute.log");
}

TEST(Discover, UnusualPortsAreTakenWhenThereIsOnlyOne) {
  const std::vector<ListeningSocket> listening = {
      {"127.0.0.1", 33306, 5}, {"127.0.0.1", 35672, 6}, {"127.0.0.1", 25672, 7}};
  EXPECT_EQ(check_url("mariadb", {5}, listening), "mysql://127.0.0.1:33306");
  EXPECT_EQ(check_url("rabbitmq-server", {6, 7}, listening), "") << "which of the two is it?";
  EXPECT_EQ(check_url("nova-compute", {5}, listening), "") << "it serves nobody";
  EXPECT_EQ(check_url("mariadb", {}, {{"::1", 3306, 5}}), "mysql://[::1]:3306")
      << "not allowed to look whose it is";
  EXPECT_EQ(check_url("nobody-knows-it", {5}, listening), "");
}

TEST(Discover, WhatStartsAtBootAndDoesNotRunIsTold) {
  Surroundings here;
  here.enabled_units = {"openstack-heat-engine.service", "cron.service"};
  const auto findings = find_services(here);
  ASSERT_TRUE(find(findings, "heat-engine"));
  EXPECT_TRUE(find(findings, "heat-engine")->starts_at_boot);
  EXPECT_FALSE(find(findings, "heat-engine")->service.enabled);
}

TEST(Discover, OnlyWhatTheConfigurationDoesNotNameIsNews) {
  Surroundings here;
  here.processes = {process(1, {"nova-compute"}), process(2, {"heat-engine"}), process(3, {"memcached"}),
                    process(4, {"haproxy"})};
  const auto service = [](const std::string& name, const std::string& pattern, bool enabled) {
    ServiceConfig config;
    config.name = name;
    config.process = pattern;
    config.enabled = enabled;
    return config;
  };
  const auto found =
      unnamed_services(here, {service("nova-compute", "nova-compute", true),
                              service("memcached", "memcached", false), service("edge", "haproxy", true)});
  EXPECT_THAT(enabled(found), ::testing::ElementsAre("heat-engine"));
}

TEST(Discover, OnAPristineMachineNothingIsFound) {
  Surroundings here;
  here.exists = [](const std::string&) { return true; };
  here.listening = {{"127.0.0.1", 8774, 1}, {"127.0.0.1", 80, 2}};
  here.processes = {
      process(1, {"/sbin/init"}),
      process(2, {"/usr/sbin/cron", "-f"}),
      process(3, {"/usr/bin/python3", "/usr/share/unattended-upgrades/unattended-upgrade-shutdown"}),
      process(4, {"tail", "-f", "/var/log/nova/nova-api.log"}),
      process(5, {"vi", "/etc/nova/nova.conf"}),
      process(6, {"/usr/sbin/apache2", "-k", "start"}),
      process(7, {"mysql", "-u", "nova"}),
      process(8, {"sshd: nova-api [priv]"}),
      process(9, {"systemctl", "restart", "rabbitmq-server"}),
      process(10, {"/usr/bin/dbus-daemon", "--system"})};
  EXPECT_THAT(enabled(find_services(here)), IsEmpty());
}

TEST(Discover, TwoServicesOfOneProgramAreToldApart) {
  Surroundings here;
  here.processes = {
      process(1, {"ovsdb-server", "/etc/openvswitch/conf.db", "--pidfile"}),
      process(2, {"ovsdb-server", "--remote=punix:/run/ovn/ovnnb_db.sock"}),
      process(3, {"/usr/bin/python3", "/usr/bin/ceilometer-polling", "--polling-namespaces", "compute"})};
  EXPECT_THAT(enabled(find_services(here)),
              ::testing::ElementsAre("ceilometer-agent-compute", "ovsdb-server", "ovn-nb-db"));
}

}  // namespace
}  // namespace sentinella::agent
