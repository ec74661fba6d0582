#include "rules/rule_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/gauge_expression.h"

namespace sentinella::rules {
namespace {

using testing::HasSubstr;

constexpr std::string_view kTwo = R"(# my rules
sentinella_rules:
- id: load
  kind: gauge
  event: LoadHigh
  tier: page
  summary: Too much to do
  owner: ops
  expr: avg(host_load1{host="a", role!~"x.*"}[5m]) / host_cpus
  by: [host]
  levels: {warning: {set: "> 1.5", clear: "< 1.2"}, critical: {set: "> 3", for: 10m}}
  keep_firing_for: 5m
  playbook: |
    ## What it means
    - more runnable threads than processors, for minutes; everything on the host is slow
    - last line of the list

# the next one
- id: burst
  kind: tailable
  event: LogErrors
  severity: minor
  summary: Errors
  match: {service: "nova-*", component: "nova.*", level: ">=ERROR", not: Instance}
  count: {n: 5, window: 30m}
  clear_match: Reconnected
  by: [host, template]
)";

TEST(RuleFile, IsReadWhole) {
  const auto rules = parse_rule_file(kTwo);
  ASSERT_TRUE(rules) << rules.error().message;
  ASSERT_EQ(rules->size(), 2u);
  const Rule& load = (*rules)[0].rules[0];
  EXPECT_EQ(load.id, "load");
  EXPECT_EQ(load.tier, Tier::page);
  const auto& gauge = std::get<GaugeRule>(load.what);
  EXPECT_EQ(gauge.aggregate, GaugeRule::Aggregate::avg);
  EXPECT_EQ(gauge.divisor_metric, "host_cpus");
  EXPECT_EQ(gauge.window, 5min);
  ASSERT_EQ(gauge.matchers.size(), 2u);
  EXPECT_EQ(gauge.matchers[1].op, LabelMatcher::Op::not_regex);
  ASSERT_EQ(gauge.levels.size(), 2u);
  EXPECT_EQ(gauge.levels[0].severity, AlertSeverity::warning);
  EXPECT_EQ(gauge.levels[0].clear, 1.2);
  EXPECT_EQ(gauge.levels[1].clear, 3);
  EXPECT_EQ(gauge.levels[1].hold, 10min);
  const auto& tail = std::get<TailableRule>((*rules)[1].rules[0].what);
  EXPECT_EQ(tail.min_severity, Severity::error);
  EXPECT_EQ(tail.count, 5u);
  EXPECT_EQ(tail.quiet, 30min) << "never shorter than the window";
  EXPECT_EQ(tail.key, "host,template");
}

TEST(RuleFile, ABinaryRulesOneLevelIsItsSeverity) {
  const auto rule = parse_rule(
      "{id: clock, kind: binary, event: E, severity: minor, check: {series: host_clock_synchronised}}");
  ASSERT_TRUE(rule) << rule.error().message;
  ASSERT_NE(rule->gauge(), nullptr);
  EXPECT_EQ(rule->gauge()->levels.at(0).severity, AlertSeverity::minor);
}

TEST(RuleFile, AnItemCutOutReadsTheSameAlone) {
  const auto rules = parse_rule_file(kTwo);
  ASSERT_TRUE(rules);
  for (const RuleText& text : *rules) {
    const auto alone = parse_rule(text.yaml);
    ASSERT_TRUE(alone) << alone.error().message << "\n" << text.yaml;
    EXPECT_EQ(alone->id, text.rules[0].id);
    EXPECT_EQ(alone->playbook, text.rules[0].playbook);
  }
  EXPECT_THAT((*rules)[0].yaml, testing::StartsWith("id: load\nkind: gauge\n"));
  EXPECT_THAT((*rules)[0].yaml, testing::EndsWith("- last line of the list\n"));
  EXPECT_TRUE(parse_rule("- id: x\n  kind: binary\n  event: E\n  summary: s\n  check: {heartbeat: true}\n"));
}

struct Fault {
  std::string_view yaml;
  std::string_view says;
};
class RuleFileFault : public testing::TestWithParam<Fault> {};

TEST_P(RuleFileFault, IsNamedWithLineAndKey) {
  const auto rule = parse_rule_file(std::string("sentinella_rules:\n") + std::string(GetParam().yaml));
  ASSERT_FALSE(rule);
  EXPECT_THAT(describe(rule.error()), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, RuleFileFault,
    testing::Values(
        Fault{"- id: a\n  kind: binary\n  evnt: E\n",
              "evnt: rule a: line 4: unknown key; did you mean event?"},
        Fault{"- id: a\n  kind: binary\n  id: b\n", "id: rule a: line 4: this key is there twice"},
        Fault{"- kind: odd\n", "binary, tailable, gauge or event"},
        Fault{"- id: A b\n  kind: binary\n", "id: rule A b: line 2"},
        Fault{"- id: a\n  kind: binary\n  event: E\n  summary: s\n  check: {process: x, heartbeat: true}\n",
              "check:"},
        Fault{"- id: a\n  kind: binary\n  event: E\n  summary: s\n  tier: page\n  check: {process: x}\n",
              "playbook"},
        Fault{"- id: a\n  kind: tailable\n  event: E\n  summary: s\n  match: {pattern: \"(\"}\n",
              "line 6: not a regular expression"},
        Fault{"- id: a\n  kind: tailable\n  event: E\n  summary: s\n  match: {service: x}\n",
              "every line would match"},
        Fault{"- id: a\n  kind: tailable\n  event: E\n  summary: s\n  match: {level: LOUD}\n",
              "\"LOUD\" is no level"},
        Fault{"- id: a\n  kind: gauge\n  event: E\n  summary: s\n  expr: avg(x)\n  levels: {warning: {set: "
              "\"> 1\"}}\n",
              "expr: rule a: line 6: avg() needs a window"},
        Fault{"- id: a\n  kind: gauge\n  event: E\n  summary: s\n  expr: x\n  levels: {warning: {set: \"> "
              "1\", clear: "
              "\"> 0.5\"}}\n",
              "other side of set"},
        Fault{"- id: a\n  kind: gauge\n  event: E\n  summary: s\n  expr: x\n  levels: {warning: {set: \"> "
              "2\"}, "
              "critical: {set: \"> 1\"}}\n",
              "critical must not be easier to reach than warning"},
        Fault{"- {id: a, kind: binary, event: E, summary: s, check: {heartbeat: true}}\n- {id: a, kind: "
              "binary, event: "
              "E, summary: s, check: {heartbeat: true}}\n",
              "rule a is there twice"},
        Fault{"- id: [\n", "not YAML"}));

TEST(RuleFile, NestingDoesNotBreakTheParser) {
  EXPECT_FALSE(parse_rule_file(std::string(100'000, '[')));
  EXPECT_FALSE(parse_rule_file("sentinella_rules: " + std::string(5'000, '{')));
}

TEST(GaugeExpression, FaultsAreNamed) {
  for (const auto& [text, says] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"", "name expected at character 1"},
           {"avg(x[5m]", "')' expected"},
           {"median(x[5m])", "unknown function median"},
           {"x{a=b}", "'\"' expected"},
           {"x{a=\"b}", "does not end"},
           {"x{a=~\"(\"}", "regex"},
           {"last(x[5m])", "takes no window"},
           {"avg(x[0s])", "the window is"},
           {"x / avg(y[1m])", "only last()"},
           {"x + 1", "unexpected text at character 3"}}) {
    const auto rule = parse_gauge_expression(text);
    ASSERT_FALSE(rule) << text;
    EXPECT_THAT(rule.error().message, HasSubstr(std::string(says))) << text;
  }
}

TEST(RuleFile, TheFormatOfTheProductIsReadWhole) {
  const auto rules = parse_rule_file(R"(sentinella_rules:
- id: compute-cpu-saturated
  kind: gauge
  event: CpuSaturated
  expr: avg(cpu.load1{role="compute"} / fact.cpu_count)
  window: 5m
  by: [hostname]
  levels: {warning: {set: "> 1.5", clear: "< 1.2"}, critical: {set: "> 3", clear: "< 2", for: 10m}}
  for: 15m
  keep_firing_for: 5m
  no_data: keep
  tier: ticket
  owner: cloud-ops
  impact: instances on this host get less CPU than sold
  playbook_url: /playbooks/cpu-saturated
  review_by: 2027-05-01
- id: nova-compute-down
  kind: binary
  event: ServiceDown
  check: {process: nova-compute, report: rabbit}
  fail_count: 3
  recover_count: 2
  depends_on: [host-unreachable]
  quorum: {group_by: [cell], need: 80%}
  tier: page
  playbook_url: /playbooks/nova-compute
- id: nova-error-burst
  kind: tailable
  event: LogErrors
  match: {component: "nova.*", level: ">=ERROR", not: "InstanceNotFound"}
  count: {n: 5, window: 5m}
  quiet: 15m
  clear_match: "Reconnected to AMQP"
)");
  ASSERT_TRUE(rules) << describe(rules.error());
  const Rule& cpu = (*rules)[0].rules[0];
  const auto& gauge = std::get<GaugeRule>(cpu.what);
  EXPECT_EQ(gauge.metric, "host_load1");
  EXPECT_EQ(gauge.divisor_metric, "host_cpus");
  EXPECT_EQ(gauge.window, 5min);
  EXPECT_EQ(gauge.by, std::vector<std::string>{"host"});
  EXPECT_EQ(gauge.levels[0].hold, 15min) << "the rule's for";
  EXPECT_EQ(gauge.levels[1].hold, 10min) << "the level's own";
  EXPECT_EQ(cpu.review_by, "2027-05-01");
  const Rule& down = (*rules)[1].rules[0];
  EXPECT_EQ(std::get<BinaryRule>(down.what).fail_count, 3u);
  ASSERT_TRUE(down.quorum);
  EXPECT_DOUBLE_EQ(down.quorum->need, 0.8);
  EXPECT_EQ(down.depends_on, std::vector<std::string>{"host-unreachable"});
}

TEST(RuleFile, PrometheusGroupsAreTakenUnchanged) {
  const auto rules = parse_rule_file(R"(groups:
- name: Example Group
  interval: 30s
  labels: {team: infra}
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
  - alert: InstanceDown
    expr: up == 0
    for: 5m
    keep_firing_for: 1m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.instance }} is down", runbook_url: "https://x/y"}
  - alert: InstanceDown
    expr: up == 0
    labels: {severity: warning}
)");
  ASSERT_TRUE(rules) << describe(rules.error());
  ASSERT_EQ(rules->size(), 1u);
  EXPECT_EQ((*rules)[0].id, "group.example-group");
  const auto& list = (*rules)[0].rules;
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].kind(), "recording");
  const GaugeRule* down = list[1].gauge();
  ASSERT_NE(down, nullptr);
  EXPECT_EQ(down->interval, 30s);
  EXPECT_EQ(down->levels[0].hold, 5min);
  EXPECT_EQ(list[1].tier, Tier::page);
  EXPECT_EQ(list[1].owner, "infra");
  EXPECT_EQ(list[1].playbook_url, "https://x/y");
  EXPECT_NE(list[1].id, list[2].id);
  const auto alone = parse_rule_item((*rules)[0].yaml);
  ASSERT_TRUE(alone) << describe(alone.error()) << (*rules)[0].yaml;
  EXPECT_EQ(alone->rules.size(), 3u);
}

TEST(RuleFile, UnitsOfBothSidesMustAgree) {
  const auto rule = parse_rule(
      "{id: a, kind: gauge, event: E, expr: last(host_filesystem_available_bytes), levels: {warning: {set: "
      "\"< 5%\"}}}");
  ASSERT_FALSE(rule);
  EXPECT_THAT(rule.error().message, HasSubstr("this is a ratio, but the expression gives bytes"));
  EXPECT_TRUE(
      parse_rule("{id: a, kind: gauge, event: E, expr: last(host_filesystem_available_bytes), levels: "
                 "{warning: {set: \"< 5GiB\", "
                 "clear: \"120%\"}}}"));
}

TEST(Threshold, NumbersMayHaveUnits) {
  EXPECT_DOUBLE_EQ(parse_threshold("> 85%")->value, 0.85);
  EXPECT_DOUBLE_EQ(parse_threshold("< 2GiB")->value, 2147483648.0);
  EXPECT_DOUBLE_EQ(parse_threshold(">= 100ms")->value, 0.1);
  EXPECT_DOUBLE_EQ(parse_threshold("< 21d")->value, 21 * 86400.0);
  EXPECT_FALSE(parse_threshold("> many"));
}

TEST(GaugeExpression, LongWindowsBecomePromql) {
  EXPECT_EQ(parse_gauge_expression("predict(disk.free{mountpoint=\"/\"}[6h], 4h)")->promql,
            "predict_linear(host_filesystem_available_bytes{mountpoint=\"/\"}[6h], 14400)");
  EXPECT_EQ(parse_gauge_expression("p95(x[1h])")->promql, "quantile_over_time(0.95, x[1h])");
  EXPECT_EQ(to_promql(*parse_gauge_expression("avg(a[5m]) / b")),
            "avg by (host, service) (avg_over_time(a[5m])) / max by (host, service) (b)");
}

}  // namespace
}  // namespace sentinella::rules
