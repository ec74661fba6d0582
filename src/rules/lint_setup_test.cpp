#include "rules/lint_setup.h"

#include <gmock/gmock.h>

namespace sentinella::rules {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr Time kNow{1'772'446'272'000'000'000};

std::vector<Rule> paging(std::size_t count = 1) {
  Rule rule;
  rule.tier = Tier::page;
  return std::vector<Rule>(count, rule);
}

/// Everything is in order.
SetupFacts good() {
  SetupFacts facts;
  facts.now = kNow;
  facts.rotas = {{"cloud", 3}};
  facts.channels = {{"pager", "pagerduty", kNow - 1h}, {"outside", "heartbeat", {}}};
  return facts;
}

std::vector<std::string> said(const SetupFacts& facts, const std::vector<Rule>& rules = paging()) {
  std::vector<std::string> out;
  for (const Finding& one : lint_setup(rules, facts)) out.push_back(one.code + " " + one.text);
  return out;
}

TEST(LintSetup, WhatIsInOrderIsNotTalkedOf) {
  EXPECT_THAT(said(good()), IsEmpty());
}

TEST(LintSetup, PagesMustReachSomebodyByMoreThanMail) {
  SetupFacts facts = good();
  facts.channels[0].kind = "smtp";
  EXPECT_THAT(said(facts), ElementsAre(StartsWith("H11 pages go out by mail only")));
  facts.channels.erase(facts.channels.begin());
  EXPECT_THAT(said(facts), ElementsAre(StartsWith("H16 rules page, and there is no channel")));
  EXPECT_THAT(said(facts, {}), IsEmpty()) << "without pages nobody need be reached";
}

TEST(LintSetup, SomebodyMustBeOnCallAndSomebodyStandIn) {
  SetupFacts facts = good();
  facts.rotas[0].members = 1;
  EXPECT_THAT(said(facts), ElementsAre("H16 rota cloud has one member: nobody stands in for them"));
  facts.rotas.clear();
  EXPECT_THAT(said(facts), ElementsAre("H16 rules page, and no rota says who is on call"));
}

TEST(LintSetup, AChannelThatHasDeliveredNothingIsNamed) {
  SetupFacts facts = good();
  facts.channels[0].last_success = kNow - 27h;
  EXPECT_THAT(said(facts), ElementsAre("H17 channel pager has not taken its daily test message"));
  facts.channels[0].last_success = {};
  EXPECT_THAT(said(facts), Contains("H16 channel pager has delivered nothing for 30 days: test it"));
}

TEST(LintSetup, WithoutAHeartbeatNobodyWouldNoticeOurSilence) {
  SetupFacts facts = good();
  facts.channels.pop_back();
  EXPECT_THAT(said(facts), ElementsAre(StartsWith("H17 no channel of kind heartbeat")));
}

TEST(LintSetup, ANewRuleThatPagesWaitsForItsApproval) {
  SetupFacts facts = good();
  facts.trials = {{"mine", "kim", kNow - 24h, false}, {"old", "kim", kNow - 24h, true}};
  facts.records["mine"].episodes = 4;
  const auto findings = lint_setup(paging(), facts);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].code, "H14");
  EXPECT_EQ(findings[0].rule_id, "mine");
  EXPECT_EQ(findings[0].action, "approve");
  EXPECT_THAT(findings[0].evidence, Contains("4 episodes in 30 days"));
}

TEST(LintSetup, SilencesThatStayOrHideTooMuchAreNamed) {
  const auto with = [](auto change) {
    SetupFacts facts = good();
    facts.silences = {{"s1", "noise", "kim", kNow - 1h, kNow + 1h, false, false, 3, {"a"}}};
    change(facts.silences[0]);
    return said(facts, paging(20));
  };
  EXPECT_THAT(with([](SilenceFacts&) {}), IsEmpty());
  EXPECT_THAT(with([](SilenceFacts& s) { s.starts = kNow - 8 * 24h; }),
              ElementsAre(HasSubstr("more than a week")));
  EXPECT_THAT(with([](SilenceFacts& s) { s.starts = kNow - 8 * 24h, s.recurs = true; }), IsEmpty());
  EXPECT_THAT(with([](SilenceFacts& s) { s.rules = {"a", "b", "c"}; }),
              ElementsAre("H15 silence s1 hides 3 of 20 rules"));
  EXPECT_THAT(with([](SilenceFacts& s) { s.catch_all = true; }), ElementsAre(HasSubstr("matches anything")));
  EXPECT_THAT(with([](SilenceFacts& s) { s.starts = kNow - 25h, s.hides = 0; }),
              ElementsAre("H15 silence s1 hides nothing now"));
}

}  // namespace
}  // namespace sentinella::rules
