#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/collect/host_collector.h"
#include "agent/collect/kernel_collector.h"
#include "agent/collect/service_collector.h"
#include "agent/testing.h"

namespace sentinella::agent {
namespace {

std::string stat_line(int pid, int cpu_ticks, int start, char state = 'S') {
  return fmt::format("{} (svc) {} 1 1 1 0 -1 0 0 0 0 0 {} 0 0 0 20 0 3 0 {} 0 10 0 0\n", pid, state,
                     cpu_ticks, start);
}

class Collectors : public ::testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((proc / name).parent_path());
    std::filesystem::remove(proc / name);
    append_to(proc / name, text);
  }
  /// Values of one round by metric, the last label value appended where there is one.
  template <typename F>
  std::map<std::string, double> round(Time at, F collect) {
    std::vector<SeriesSamples> samples;
    SampleWriter out(samples, "h", at);
    collect(out);
    std::map<std::string, double> values;
    for (const SeriesSamples& s : samples) {
      std::string name(s.labels.get(kMetricName));
      for (const char* label :
           {"mode", "device", "interface", "mountpoint", "cpu", "resource", "kind", "state", "sensor"})
        if (!s.labels.get(label).empty()) name += "/" + std::string(s.labels.get(label));
      EXPECT_EQ(s.labels.get("host"), "h");
      EXPECT_EQ(s.samples.at(0).at, at);
      values[name] = s.samples.at(0).value;
    }
    return values;
  }
  TemporaryDirectory proc;
};

TEST_F(Collectors, CpuRatioIsThatOfTheInterval) {
  HostCollector host{ProcFs(proc.path())};
  put("stat", "cpu  100 0 0 900 0 0 0 0 0 0\ncpu0 100 0 0 900 0 0 0 0 0 0\n");
  auto values = round(kSomeTime, [&](SampleWriter& out) { host.collect(out); });
  EXPECT_FALSE(values.contains("host_cpu_used_ratio")) << "one reading tells nothing";
  put("stat", "cpu  175 0 0 925 0 0 0 0 0 0\ncpu0 175 0 0 925 0 0 0 0 0 0\n");
  values = round(kSomeTime + 10s, [&](SampleWriter& out) { host.collect(out); });
  EXPECT_DOUBLE_EQ(values["host_cpu_used_ratio"], 0.75);
  EXPECT_DOUBLE_EQ(values["host_cpu_seconds_total/user"], 1.75);
  EXPECT_DOUBLE_EQ(values["host_cpu_core_used_ratio/0"], 0.75);
}

TEST_F(Collectors, ABondSaysHowManyOfItsLinksAreUp) {
  HostCollector host{ProcFs(proc.path())};
  put("net/dev", "eno1: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\nbond0: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n");
  put("net/bonding/bond0",
      "MII Status: up\nSlave Interface: eno1\nMII Status: up\nSlave Interface: eno2\nMII Status: down\n");
  auto values = round(kSomeTime, [&](SampleWriter& out) { host.collect(out); });
  EXPECT_EQ(values["host_bond_links/bond0"], 2);
  EXPECT_EQ(values["host_bond_links_up/bond0"], 1);
  EXPECT_FALSE(values.contains("host_bond_links/eno1"));
}

TEST_F(Collectors, AHostSaysWhatItIs) {
  put("sys/kernel/osrelease", "6.1.0-37-amd64\n");
  put("cpuinfo", "processor\t: 0\nmodel name\t: AMD EPYC 7B13\nprocessor\t: 1\nmodel name\t: another\n");
  put("etc/os-release", "NAME=Debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  put("usr/lib/python3/dist-packages/novaclient-18.1.0.egg-info/PKG-INFO", "");
  put("usr/lib/python3/dist-packages/keystone-22.0.2.egg-info/PKG-INFO", "");
  const HostSystem system = read_host_system(ProcFs(proc.path()), proc.path());
  EXPECT_EQ(system.kernel, "6.1.0-37-amd64");
  EXPECT_EQ(system.os, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(system.cpu, "AMD EPYC 7B13");
  EXPECT_EQ(system.openstack, "Zed");
  EXPECT_FALSE(system.arch.empty());
  const TemporaryDirectory nothing;
  EXPECT_EQ(read_host_system(ProcFs(nothing.path()), nothing.path()).os, "");
}

TEST_F(Collectors, ServiceSumsItsProcessesAndForgetsNoCpuTimeOfEndedWorkers) {
  ServiceCollector services{ProcFs(proc.path())};
  put("10/stat", stat_line(10, 100, 1));
  put("11/stat", stat_line(11, 50, 2));
  auto values = round(kSomeTime, [&](SampleWriter& out) { services.collect("s", {10, 11}, kSomeTime, out); });
  EXPECT_EQ(values["service_processes"], 2);
  EXPECT_EQ(values["service_threads"], 6);
  put("10/stat", stat_line(10, 200, 1));
  const Time later = kSomeTime + 10s;
  values = round(later, [&](SampleWriter& out) { services.collect("s", {10}, later, out); });
  EXPECT_DOUBLE_EQ(values["service_cpu_used_ratio"], 0.1);
  EXPECT_DOUBLE_EQ(values["service_cpu_seconds_total"], 1.0);
  EXPECT_FALSE(values.contains("service_open_files")) << "no right to look";
}

TEST_F(Collectors, AStoppedProcessIsSeenAtOnceAndOneStuckInTheKernelAfterThreeRounds) {
  ServiceCollector services{ProcFs(proc.path())};
  StuckProcesses stuck;
  const auto look = [&] {
    return round(kSomeTime,
                 [&](SampleWriter& out) { stuck = services.collect("s", {10, 11}, kSomeTime, out); });
  };
  put("10/stat", stat_line(10, 100, 1, 'T'));
  put("11/stat", stat_line(11, 50, 2, 'D'));
  auto values = look();
  EXPECT_EQ(stuck.stopped, std::vector<pid_t>{10});
  EXPECT_TRUE(stuck.blocked.empty()) << "everybody waits for a disk now and then";
  look();
  values = look();
  EXPECT_EQ(stuck.blocked, std::vector<pid_t>{11});
  EXPECT_EQ(values["service_processes_stopped"], 1);
  EXPECT_EQ(values["service_processes_blocked"], 1);
  put("11/stat", stat_line(11, 51, 2, 'D'));
  look();
  EXPECT_TRUE(stuck.blocked.empty()) << "it got on meanwhile";
}

TEST_F(Collectors, AServicesOwnGroupIsMeasuredAndASharedOneIsNot) {
  TemporaryDirectory groups;
  std::filesystem::create_directories(groups / "system.slice/nova-api.service");
  append_to(groups / "system.slice/nova-api.service/memory.current", "4096\n");
  append_to(groups / "system.slice/nova-api.service/memory.max", "max\n");
  ServiceCollector services{ProcFs(proc.path()), groups.path().string()};
  put("10/stat", stat_line(10, 100, 1));
  put("10/cgroup", "0::/system.slice/nova-api.service\n");
  put("11/stat", stat_line(11, 100, 1));
  put("11/cgroup", "0::/system.slice\n");
  auto values = round(kSomeTime, [&](SampleWriter& out) { services.collect("a", {10}, kSomeTime, out); });
  EXPECT_EQ(values["service_cgroup_memory_bytes"], 4096);
  EXPECT_FALSE(values.contains("service_cgroup_memory_limit_bytes")) << "there is none";
  values = round(kSomeTime, [&](SampleWriter& out) { services.collect("b", {11}, kSomeTime, out); });
  EXPECT_FALSE(values.contains("service_cgroup_memory_bytes"));
}

TEST_F(Collectors, TheKernelsFiguresAreSentAsFarAsItHasThem) {
  TemporaryDirectory hwmon;
  std::filesystem::create_directories(hwmon / "hwmon0");
  append_to(hwmon / "hwmon0/name", "coretemp\n");
  append_to(hwmon / "hwmon0/temp1_input", "48500\n");
  append_to(hwmon / "hwmon0/temp1_label", "Package id 0\n");
  append_to(hwmon / "hwmon0/fan2_input", "1200\n");
  put("pressure/io", "some avg10=50.00 avg60=0 avg300=0 total=3000000\n");
  put("vmstat", "pswpin 2\npswpout 3\npgmajfault 4\noom_kill 1\n");
  put("net/sockstat", "sockets: used 1\nTCP: inuse 5 orphan 0 tw 6 alloc 7 mem 1\n");
  put("sys/net/netfilter/nf_conntrack_count", "100\n");
  put("sys/net/netfilter/nf_conntrack_max", "262144\n");
  put("sys/fs/file-nr", "10 0 1000\n");
  KernelCollector kernel{ProcFs(proc.path()), hwmon.path()};
  auto values = round(kSomeTime, [&](SampleWriter& out) { kernel.collect(out); });
  EXPECT_EQ(values["host_pressure_ratio/io/some"], 0.5);
  EXPECT_EQ(values["host_oom_kills_total"], 1);
  EXPECT_EQ(values["host_tcp_connections/timewait"], 6);
  EXPECT_EQ(values["host_conntrack_limit"], 262144);
  EXPECT_EQ(values["host_open_files_limit"], 1000);
  EXPECT_EQ(values["host_temperature_celsius/Package id 0"], 48.5);
  EXPECT_EQ(values["host_fan_rpm/fan2"], 1200);
  EXPECT_FALSE(values.contains("host_tcp_segments_sent_total"));
}

TEST(HostDisks, WholeDisksAreToldWithTheirKind) {
  TemporaryDirectory block;
  const auto disk = [&](const std::string& name, const char* sectors, const char* rotates,
                        const char* model) {
    std::filesystem::create_directories(block / (name + "/queue"));
    std::filesystem::create_directories(block / (name + "/device"));
    append_to(block / (name + "/size"), sectors);
    append_to(block / (name + "/queue/rotational"), rotates);
    if (*model) append_to(block / (name + "/device/model"), model);
  };
  disk("sdb", "7814037168\n", "1\n", "ST4000NM0035    \n");
  disk("sda", "937703088\n", "0\n", "SAMSUNG MZ7\n");
  disk("nvme0n1", "2048\n", "0\n", "");
  disk("vda", "2048\n", "1\n", "");
  disk("loop0", "2048\n", "0\n", "");
  disk("dm-0", "2048\n", "0\n", "");
  disk("sdc", "0\n", "0\n", "empty card reader");
  std::vector<std::string> texts;
  for (const HostDisk& d : read_host_disks(block.path()))
    texts.push_back(fmt::format("{} {} {} {}", d.device, d.kind, d.bytes, d.model));
  EXPECT_THAT(texts, ::testing::ElementsAre("nvme0n1 nvme 1048576 ", "sda ssd 480103981056 SAMSUNG MZ7",
                                            "sdb hdd 4000787030016 ST4000NM0035", "vda virtual 1048576 "));
  EXPECT_TRUE(read_host_disks(block / "nowhere").empty());
}

}  // namespace
}  // namespace sentinella::agent
