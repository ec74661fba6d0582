#include "rules/rule_test_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Result<RuleTestReport> run(const std::string& rules, const std::string& tests) {
  return run_rule_tests(tests, [&](const std::string&) -> Result<std::string> { return rules; });
}

constexpr const char* kPrometheus = R"(groups:
- name: example
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
  - alert: InstanceDown
    expr: up == 0
    for: 5m
    labels: {severity: page}
    annotations:
      summary: "Instance {{ $labels.instance }} down"
      description: "{{ $labels.instance }} of job {{ $labels.job }} has been down for more than 5 minutes."
  - alert: NobodyThere
    expr: absent(up{job="other"})
    for: 2m
)";

/// The example of Prometheus' own manual.
TEST(RuleTests, PromtoolsFilesRunUnchanged) {
  const auto report = run(kPrometheus, R"(rule_files: [alerts.yml]
evaluation_interval: 1m
tests:
- interval: 1m
  input_series:
  - series: 'up{job="prometheus", instance="localhost:9090"}'
    values: '0 0 0 0 0 0 0 0 0 0 0 0 0 0 0'
  - series: 'up{job="node_exporter", instance="localhost:9100"}'
    values: '1+0x6 0 0 0 0 0 0 0 0'
  alert_rule_test:
  - eval_time: 4m
    alertname: InstanceDown
  - eval_time: 10m
    alertname: InstanceDown
    exp_alerts:
    - exp_labels: {severity: page, instance: localhost:9090, job: prometheus}
      exp_annotations:
        summary: "Instance localhost:9090 down"
        description: "localhost:9090 of job prometheus has been down for more than 5 minutes."
  - eval_time: 5m
    alertname: NobodyThere
    exp_alerts:
    - exp_labels: {job: other}
  promql_expr_test:
  - expr: job:up:sum
    eval_time: 4m
    exp_samples:
    - {labels: 'job:up:sum{job="node_exporter"}', value: 1}
    - {labels: 'job:up:sum{job="prometheus"}', value: 0}
)");
  ASSERT_TRUE(report) << describe(report.error());
  EXPECT_THAT(report->failures, IsEmpty());
  EXPECT_EQ(report->passed, 1u);
}

constexpr const char* kOurs = R"(sentinella_rules:
- id: disk
  kind: gauge
  event: DiskFilling
  summary: full
  expr: host_filesystem_used_ratio
  by: [host, mountpoint]
  levels: {warning: {set: "> 85%", clear: "< 80%", for: 5m}, critical: {set: "> 95%", clear: "< 90%"}}
)";
constexpr const char* kFills = R"(
- name: a disk fills
  interval: 1m
  input_series:
  - {series: 'host_filesystem_used_ratio{host="c1", mountpoint="/"}', values: '0.8 0.9x9 0.96 0.92 0.88 0.7'}
  transitions:
)";

TEST(RuleTests, TransitionsAreExpectedWithTheirTimes) {
  const auto report = run(kOurs, std::string("rule_files: [x]\ntests:") + kFills + R"(
  - {at: 6m, event: DiskFilling, resource: c1 /, state: firing, severity: warning, tier: ticket}
  - {at: 11m, event: DiskFilling, resource: c1 /, state: firing, severity: critical}
  - {at: 13m, event: DiskFilling, state: firing, severity: warning}
  - {at: 14m, event: DiskFilling, state: resolved}
)");
  ASSERT_TRUE(report) << describe(report.error());
  EXPECT_THAT(report->failures, IsEmpty());
}

TEST(RuleTests, WhatDiffersIsNamed) {
  const auto report = run(kOurs, std::string("rule_files: [x]\ntests:") + kFills + R"(
  - {at: 7m, event: DiskFilling, state: firing}
)");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->passed, 0u);
  EXPECT_THAT(report->failures,
              ElementsAre(HasSubstr(
                  "a disk fills: at 7m DiskFilling of  firing   expected, got at 6m DiskFilling of c1 /")));
}

TEST(RuleTests, AFaultOfTheFileHasItsLine) {
  const auto report = run(kOurs, "rule_files: [x]\ntests:\n- interval: 1m\n  input_seres: []\n");
  ASSERT_FALSE(report);
  EXPECT_THAT(describe(report.error()), HasSubstr("line 4: unknown key; did you mean input_series?"));
}

}  // namespace
}  // namespace sentinella::rules
