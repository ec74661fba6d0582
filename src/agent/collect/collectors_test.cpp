#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/collect/host_collector.h"
#include "agent/collect/service_collector.h"
#include "agent/testing.h"

namespace sentinella::agent {
namespace {

std::string stat_line(int pid, int cpu_ticks, int start) {
  return fmt::format("{} (svc) S 1 1 1 0 -1 0 0 0 0 0 {} 0 0 0 20 0 3 0 {} 0 10 0 0\n", pid, cpu_ticks,
                     start);
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
      for (const char* label : {"mode", "device", "interface", "mountpoint"})
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

}  // namespace
}  // namespace sentinella::agent
