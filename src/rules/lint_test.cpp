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

std::vector<std::string> codes(const std::string& yaml, const LintFacts& facts = {},
                               LintLevel least = LintLevel::warning) {
  const auto items = parse_rule_file(yaml);
  EXPECT_TRUE(items) << describe(items.error());
  std::vector<Rule> rules;
  if (items)
    for (const RuleText& item : *items) rules.insert(rules.end(), item.rules.begin(), item.rules.end());
  std::vector<std::string> out;
  for (const Finding& finding : lint(rules, facts))
    if (finding.level >= least) out.push_back(finding.code + " " + std::string(to_string(finding.level)));
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

TEST(Lint, WhereSetIsClearTheValueMayHover) {
  const std::string hovers = "H6 hint";
  const auto of = [](const std::string& level) {
    return codes(gauge("expr: host_cpu_used_ratio, levels: {warning: {" + level + "}}"), {}, LintLevel::hint);
  };
  EXPECT_THAT(of(R"(set: "> 0.9")"), ElementsAre(hovers));
  EXPECT_THAT(of(R"(set: "> 0")"), IsEmpty()) << "a count is over nothing or is not";
  EXPECT_THAT(of(R"(set: ">= 0.9", clear: "< 0.9")"), IsEmpty()) << "somebody wants it so";
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

TEST(Lint, ARuleSaysWhyItExistsWhoActsAndWhatToDo) {
  const auto of = [](const std::string& rest, const LintFacts& facts = {}) {
    return codes(
        "sentinella_rules:\n- {id: a, kind: tailable, event: E, match: {pattern: x}, " + rest + "}\n", facts);
  };
  EXPECT_THAT(of("owner: o, impact: i"), IsEmpty());
  EXPECT_THAT(of("owner: o"), ElementsAre("H1 warning"));
  EXPECT_THAT(of("impact: i"), ElementsAre("H2 warning"));
  EXPECT_THAT(of("owner: o, impact: i, tier: page, playbook: " + std::string(100, 'x')),
              ElementsAre("H12 error", "H12 warning"));
  LintFacts facts;
  facts.now = *parse_rfc3339("2026-03-02T00:00:00Z");
  EXPECT_THAT(of("owner: o, impact: i, review_by: 2026-03-01", facts), ElementsAre("H1 warning"));
  EXPECT_THAT(of("owner: o, impact: i, review_by: 2026-03-03", facts), IsEmpty());
}

TEST(Lint, APageForOneMemberIsPointedOut) {
  const auto of = [](const std::string& check) {
    const auto items = parse_rule_file(
        "sentinella_rules:\n- {id: a, kind: binary, event: E, owner: o, impact: i, tier: page, playbook_url: "
        "/p, "
        "check: {process: nova-compute}" +
        check + "}\n");
    std::vector<std::string> out;
    for (const Finding& one : lint(items->front().rules, {})) out.push_back(one.code);
    return out;
  };
  EXPECT_THAT(of(""), ElementsAre("H7"));
  EXPECT_THAT(of(", quorum: {group_by: [service], need: 80%}"), IsEmpty());
}

TEST(Husbandry, NoiseIsNamedByItsKind) {
  constexpr Time kNow{1'750'000'000'000'000'000};
  const auto of = [&](const RuleRecord& record) {
    Rule rule;
    rule.id = "a";
    std::vector<std::string> out;
    for (const Finding& one : lint_records({rule}, {{"a", record}}, std::chrono::hours(24 * 30), kNow))
      out.push_back(one.code + " " + one.action);
    return out;
  };
  RuleRecord quiet;
  quiet.edited = kNow - std::chrono::hours(24 * 400);
  EXPECT_THAT(of(quiet), ElementsAre("H1 disable"));
  quiet.last_fired = kNow - std::chrono::hours(24);
  EXPECT_THAT(of(quiet), IsEmpty());
  const auto episodes = [&](std::size_t all, std::size_t acted, auto change) {
    RuleRecord record;
    record.episodes = all;
    record.acted = acted;
    change(record);
    return of(record);
  };
  EXPECT_THAT(episodes(6, 6, [](RuleRecord& r) { r.barely_over = 3; }), ElementsAre("H6 for:5m"));
  EXPECT_THAT(episodes(6, 6, [](RuleRecord& r) { r.short_ones = 3; }), ElementsAre("H6 for:5m"));
  EXPECT_THAT(episodes(100, 100, [](RuleRecord&) {}), ElementsAre("H6 for:5m")) << "more than three a day";
  EXPECT_THAT(episodes(2, 2, [](RuleRecord& r) { r.notifications = 11; }), ElementsAre("H8 "));
  EXPECT_THAT(episodes(1, 1, [&](RuleRecord& r) { r.spans = {{kNow - std::chrono::hours(200), Time{}}}; }),
              ElementsAre("H8 "));
  EXPECT_THAT(episodes(5, 0, [](RuleRecord& r) { r.non_production = 5; }), ElementsAre("H9 tier:info"));
  EXPECT_THAT(episodes(10, 0, [](RuleRecord& r) { r.short_ones = r.non_production = 4; }),
              ElementsAre("H2 tier:info", "H10 tier:info"));
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

TEST(Husbandry, ARuleWhoseAlertsWanderFromOneToAnotherGoesToTheWrongPeople) {
  constexpr Time kNow{1'750'000'000'000'000'000};
  std::vector<catalog::RuleHistoryEntry> history;
  const auto add = [&](Time time, const std::string& type, const std::string& owner) {
    history.push_back(entry("x", time, type, owner.empty() ? "" : "kim"));
    history.back().owner = owner;
  };
  for (int i = 0; i < 10; ++i) {
    const Time begin = kNow - std::chrono::hours(24 * (20 - i));
    add(begin, i == 0 ? "new" : "open", "");
    add(begin + 1min, "assign", "ann");
    if (i % 2 == 0) add(begin + 2min, "assign", "");  // not mine, says ann
    if (i % 2 == 0) add(begin + 3min, "assign", "bob");
    if (i == 0) add(begin + 4min, "assign", "cleo");
    add(begin + 10min, "close", i % 2 == 0 ? "bob" : "ann");
  }
  const auto records = records_of(history, {}, kNow);
  EXPECT_EQ(records.at("a").reassigned, 5u) << "episodes, not times";
  EXPECT_EQ(records.at("a").acted, 10u);
  Rule rule;
  rule.id = "a";
  rule.owner = "ops";
  const auto findings = lint_records({rule}, records, std::chrono::hours(24 * 30), kNow);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].code, "H2");
  EXPECT_THAT(findings[0].text, HasSubstr("5 of 10 were handed"));
}

std::vector<std::string> lint_codes(const std::vector<catalog::RuleHistoryEntry>& history, Time now) {
  Rule rule;
  rule.id = "a";
  rule.tier = Tier::page;
  std::vector<std::string> out;
  for (const Finding& one :
       lint_records({rule}, records_of(history, {}, now), std::chrono::hours(24 * 30), now))
    out.push_back(one.code);
  return out;
}

TEST(Husbandry, APageThatLastsAsLongWhetherSomebodyActsOrNotHasNoLever) {
  constexpr Time kNow{1'750'000'000'000'000'000};
  const auto history = [&](Duration when_acted) {
    std::vector<catalog::RuleHistoryEntry> out;
    for (int i = 0; i < 12; ++i) {
      const Time begin = kNow - std::chrono::hours(24 * (20 - i));
      const bool acts = i % 2 == 0;
      out.push_back(entry("x", begin, i == 0 ? "new" : "open"));
      if (acts) out.push_back(entry("x", begin + 1min, "ack", "kim"));
      out.push_back(entry("x", begin + (acts ? when_acted : Duration(60min)) + i * 1min, "close"));
    }
    return out;
  };
  EXPECT_THAT(lint_codes(history(60min), kNow), ElementsAre("H3"));
  EXPECT_THAT(lint_codes(history(20min), kNow), IsEmpty());
}

TEST(Husbandry, WhatIsDoneByHandEachTimeIsProposedForAProgram) {
  constexpr Time kNow{1'750'000'000'000'000'000};
  const auto history = [&](const std::vector<std::string>& notes) {
    std::vector<catalog::RuleHistoryEntry> out;
    for (std::size_t i = 0; i < notes.size(); ++i) {
      const Time begin = kNow - std::chrono::hours(24 * (20 - static_cast<int>(i)));
      out.push_back(entry("x", begin, i == 0 ? "new" : "open"));
      out.push_back(entry("x", begin + 5min, "note", "kim", notes[i]));
      out.push_back(entry("x", begin + 9min, "close"));
    }
    return out;
  };
  EXPECT_THAT(lint_codes(history({"restarted the agent on compute1", "restarted the agent on compute2",
                                  "Restarted the agent on compute1."}),
                         kNow),
              ElementsAre("H13"));
  EXPECT_THAT(
      lint_codes(history({"restarted the agent", "disk was full, removed old logs", "nothing found"}), kNow),
      IsEmpty());
}

TEST(Lint, APageForAnObjectiveLooksAtTwoWindows) {
  const auto slo = [](const std::string& promql) {
    return codes(gauge("tier: page, playbook_url: /p, summary: the SLO of the API, promql: \"" + promql +
                       "\", for: 5m, levels: {critical: {set: \"> 14\", clear: \"< 10\"}}"));
  };
  EXPECT_THAT(slo("avg_over_time(errors_ratio[30d])"), ElementsAre("H3 warning"));
  EXPECT_THAT(slo("min(avg_over_time(errors_ratio[1h]) or avg_over_time(errors_ratio[5m]))"), IsEmpty());
}

TEST(Lint, AThresholdThatIsOlderThanItsSeriesLooksIsStale) {
  const std::string yaml =
      gauge("expr: host_cpu_used_ratio, levels: {warning: {set: \"> 0.9\", clear: \"< 0.8\"}}");
  LintFacts facts;
  facts.drifts["a"] = {0.2, 0.5, 0.05, 8};
  EXPECT_THAT(codes(yaml, facts), ElementsAre("H5 warning"));
  facts.drifts["a"] = {0.2, 0.28, 0.05, 8};
  EXPECT_THAT(codes(yaml, facts), IsEmpty());
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
