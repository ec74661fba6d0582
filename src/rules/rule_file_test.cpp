#include "rules/rule_file.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/default_pack.h"
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
  const Rule& load = (*rules)[0].rule;
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
  const auto& tail = std::get<TailableRule>((*rules)[1].rule.what);
  EXPECT_EQ(tail.min_severity, Severity::error);
  EXPECT_EQ(tail.count, 5u);
  EXPECT_EQ(tail.quiet, 30min) << "never shorter than the window";
  EXPECT_EQ(tail.key, "host,template");
}

TEST(RuleFile, AnItemCutOutReadsTheSameAlone) {
  const auto rules = parse_rule_file(kTwo);
  ASSERT_TRUE(rules);
  for (const RuleText& text : *rules) {
    const auto alone = parse_rule(text.yaml);
    ASSERT_TRUE(alone) << alone.error().message << "\n" << text.yaml;
    EXPECT_EQ(alone->id, text.rule.id);
    EXPECT_EQ(alone->playbook, text.rule.playbook);
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
        Fault{"- kind: odd\n", "binary, tailable or gauge"},
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
           {"p95(x[5m])", "unknown function p95"},
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

TEST(DefaultPack, LoadsAndEveryRuleSaysWhatToDo) {
  std::set<std::string> ids, events;
  for (const std::string_view file : default_rule_files()) {
    const auto rules = parse_rule_file(file);
    ASSERT_TRUE(rules) << describe(rules.error());
    for (const RuleText& text : *rules) {
      EXPECT_TRUE(ids.insert(text.rule.id).second) << text.rule.id;
      EXPECT_TRUE(events.insert(text.rule.event).second)
          << text.rule.event << ": two rules would share an alert";
      EXPECT_FALSE(text.rule.owner.empty()) << text.rule.id;
      EXPECT_FALSE(text.rule.impact.empty()) << text.rule.id;
      for (const std::string_view section :
           {"## Meaning", "## Check", "## Fix", "## Escalate", "## False alarm"})
        EXPECT_THAT(text.rule.playbook, HasSubstr(std::string(section))) << text.rule.id;
      EXPECT_TRUE(parse_rule(text.yaml)) << text.yaml;
    }
  }
  EXPECT_GE(ids.size(), 20u);
}

}  // namespace
}  // namespace sentinella::rules
