#include "rules/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/husbandry.h"
#include "rules/rule_file.h"

namespace sentinella::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> codes(const std::string& yaml, const LintFacts& facts = {}) {
  const auto items = parse_rule_file(yaml);
  EXPECT_TRUE(items) << describe(items.error());
  std::vector<Rule> rules;
  if (items)
    for (const RuleText& item : *items) rules.insert(rules.end(), item.rules.begin(), item.rules.end());
  std::vector<std::string> out;
  for (const Finding& finding : lint(rules, facts))
    if (finding.level != LintLevel::hint)
      out.push_back(finding.code + " " + std::string(to_string(finding.level)));
  return out;
}
std::string gauge(const std::string& rest) {
  return "sentinella_rules:\n- {id: a, kind: gauge, event: E, owner: o, impact: i, " + rest + "}\n";
}

TEST(Lint, FindsWhatTheTextTells) {
  EXPECT_THAT(
      codes(gauge("expr: host_cpu_used_ratio, levels: {warning: {set: \"> 0.9\", clear: \"< 0.8\"}}")),
      IsEmpty());
  EXPECT_THAT(codes(gauge("expr: host_load1, levels: {warning: {set: \"> 4\"}}")), ElementsAre("H4 error"));
  EXPECT_THAT(codes(gauge("expr: host_cpu_used_ratio, levels: {warning: {set: \"> 90\"}}")),
              ElementsAre("H4 error"));
  EXPECT_THAT(codes(gauge("expr: x_total, levels: {warning: {set: \"> 4\"}}")), ElementsAre("H19 error"));
  EXPECT_THAT(codes(gauge("promql: x > 4, levels: {warning: {set: \"> 4\"}}")), ElementsAre("H19 error"));
  EXPECT_THAT(codes(gauge("promql: \"topk(3, x)\", levels: {warning: {set: \"> 4\"}}")),
              ElementsAre("H19 warning"));
  EXPECT_THAT(codes(gauge("promql: \"rate(x_total[10s])\", levels: {warning: {set: \"> 4\"}}")),
              ElementsAre("H19 error"));
  EXPECT_THAT(codes(gauge("tier: page, playbook_url: /p, expr: x, levels: {critical: {set: \"> 4\"}}")),
              ElementsAre("H6 error"));
}

TEST(Lint, KnowsWhatTheAccountHas) {
  LintFacts facts;
  facts.metrics = {{"host_load1", "host_cpus"}};
  facts.labels = {{"host"}};
  EXPECT_THAT(
      codes(gauge("expr: host_laod1 / host_cpus, by: [host], levels: {warning: {set: \"> 4\"}}"), facts),
      ElementsAre("H19 warning"));
  EXPECT_THAT(
      codes(gauge("requires: [ceph_health], expr: ceph_health, levels: {warning: {set: \"> 4\"}}"), facts),
      IsEmpty())
      << "a rule may wait for its exporter";
}

TEST(Lint, TwoRulesMustNotShareAnEvent) {
  EXPECT_THAT(
      codes(
          "sentinella_rules:\n- {id: a, kind: tailable, event: E, owner: o, impact: i, match: {pattern: x}}\n"
          "- {id: b, kind: tailable, event: E, owner: o, impact: i, match: {pattern: y}}\n"),
      ElementsAre("H18 error"));
}

catalog::RuleHistoryEntry entry(const std::string& alert, Time time, const std::string& type,
                                const std::string& user = "", const std::string& text = "") {
  return {.rule_id = "a",
          .alert_id = alert,
          .resource = "r",
          .event = "E",
          .host = "c1",
          .environment = "Production",
          .tier = Tier::page,
          .time = time,
          .type = type,
          .text = text,
          .user = user};
}

TEST(Husbandry, ARuleNobodyActsUponLosesItsPages) {
  constexpr Time kNow{1'750'000'000'000'000'000};
  std::vector<catalog::RuleHistoryEntry> history;
  for (int i = 0; i < 12; ++i) {
    const Time begin = kNow - std::chrono::hours(24 * (20 - i));
    history.push_back(entry("x", begin, i == 0 ? "new" : "open"));
    if (i == 0) history.push_back(entry("x", begin + 1min, "ack", "kim"));
    history.push_back(entry("x", begin + 10min, "close"));
  }
  const auto records = records_of(history, {{"a", 12}}, kNow);
  const RuleRecord& record = records.at("a");
  EXPECT_EQ(record.episodes, 12u);
  EXPECT_EQ(record.acted, 1u);
  EXPECT_EQ(record.pages, 12u);
  EXPECT_EQ(record.median_length, 10min);
  EXPECT_NEAR(attention_score(record).score, 0.36, 0.01);
  Rule rule;
  rule.id = "a";
  rule.tier = Tier::page;
  rule.owner = "ops";
  const auto findings = lint_records({rule}, records, std::chrono::hours(24 * 30), kNow);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].code, "H2");
  EXPECT_EQ(findings[0].action, "tier:ticket");
  EXPECT_NEAR(findings[0].pages_saved_per_week, 2.57, 0.01);
  EXPECT_FALSE(findings[0].evidence.empty());
  const auto report = weekly_report({rule}, records, "", {kNow - std::chrono::hours(168), kNow});
  ASSERT_EQ(report.teams.size(), 1u);
  EXPECT_THAT(to_text(report), HasSubstr("ops: 12 episodes, 12 pages"));
}

TEST(Husbandry, AnActionEditsTheTextAndNothingElse) {
  const std::string yaml =
      "id: a\nkind: gauge\nevent: E\ntier: page\nplaybook_url: /p\nexpr: x\nlevels:\n  warning: {set: \"> "
      "4\"}\n";
  const auto lower = apply_action(yaml, "tier:ticket", {});
  ASSERT_TRUE(lower) << describe(lower.error());
  EXPECT_THAT(*lower, HasSubstr("\ntier: ticket\n"));
  const auto held = apply_action(yaml, "for:5m", {});
  ASSERT_TRUE(held);
  EXPECT_EQ(parse_rule(*held)->gauge()->levels[0].hold, 5min);
  const auto cleared = apply_action(yaml, "clear:90%", {});
  ASSERT_TRUE(cleared) << describe(cleared.error());
  EXPECT_DOUBLE_EQ(parse_rule(*cleared)->gauge()->levels[0].clear, 3.6);
  EXPECT_FALSE(apply_action(yaml, "explode", {}));
  EXPECT_FALSE(apply_action(yaml, "tier:nobody", {}));
}

}  // namespace
}  // namespace sentinella::rules
