// New rules that page, through the native API; every answer is also held against openapi.json.
#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "api/native/findings.h"

namespace sentinella::api {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::string rule(const std::string& tier) {
  return "id: service-down\nkind: binary\nevent: ServiceDown\ntier: " + tier +
         "\nseverity: critical\nsummary: a service is down\nowner: cloud-ops\nimpact: what it serves is "
         "gone\n"
         "check: {process: 'nova-*'}\nplaybook: \"Meaning: the process is gone. Check: the last lines of its "
         "log, "
         "then the unit's state. Fix: mend what the log names and start it again. Escalate: to whoever owns "
         "the "
         "service when it dies again within the hour. False alarm: a planned stop that nobody has "
         "announced.\"\n";
}

class RuleTrials : public ApiTest {
 protected:
  net::Response create(Role role, const std::string& tier = "page") {
    return call("POST", "/api/v1/rules", keys[role], rule(tier), "application/yaml");
  }
  net::Response approve(Role role, const std::string& action = "approve") {
    return call("POST", "/api/v1/rules/service-down/actions", keys[role], R"({"action":")" + action + "\"}");
  }
  boost::json::object why(const std::string& id) {
    return object(get("/api/v1/alerts/" + id + "/notifications"));
  }
  std::string stage(const std::string& id) {
    const auto stages = why(id).at("why_not_notified").as_array();
    return stages.empty() ? "" : std::string(stages[0].as_object().at("stage").as_string());
  }
  void tick() { need(report({})); }
};

TEST_F(RuleTrials, ANewRuleThatPagesIsRecordedAndTellsNobodyUntilItIsApprovedAndItsWeekIsOver) {
  const auto made = create(Role::operator_);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(object(made).at("trial").as_object().at("approved_by"), "");
  const Alert alert = raise(ours, "compute1");
  EXPECT_EQ(stage(alert.id), "trial");
  EXPECT_EQ(approve(Role::operator_).status, 403) << "its author may not";
  EXPECT_EQ(approve(Role::operator_, "approve:now").status, 403);
  const auto approved = approve(Role::admin);
  ASSERT_EQ(approved.status, 200) << approved.body;
  EXPECT_NE(object(approved).at("trial").as_object().at("until"), nullptr);
  tick();
  EXPECT_EQ(stage(alert.id), "trial");
  clock.advance(std::chrono::hours(24 * 7));
  tick();
  EXPECT_EQ(stage(alert.id), "channel") << "there is none";
  EXPECT_EQ(why(alert.id).at("told_with"), alert.id.c_str());
  EXPECT_TRUE(object(get("/api/v1/rules/service-down")).at("trial").is_null());
  EXPECT_EQ(approve(Role::admin).status, 404) << "it is over";
}

TEST_F(RuleTrials, WhatIsApprovedAfterItsWeekTellsAtOnce) {
  create(Role::operator_);
  const Alert alert = raise(ours, "compute1");
  clock.advance(std::chrono::hours(24 * 8));
  tick();
  EXPECT_EQ(stage(alert.id), "trial");
  EXPECT_EQ(approve(Role::admin).status, 200);
  tick();
  EXPECT_EQ(why(alert.id).at("told_with"), alert.id.c_str());
}

TEST_F(RuleTrials, WithARotaOnlyWhoIsOnCallApproves) {
  create(Role::operator_);
  ASSERT_EQ(post("/api/v1/rotas", R"({"name":"cloud","members":[{"person":"kim"}],"shift":"7d"})").status,
            201);
  EXPECT_EQ(approve(Role::admin).status, 403);
}

TEST_F(RuleTrials, APromotedRuleIsNewToTheWokenAndADemotedOneIsNot) {
  EXPECT_TRUE(object(create(Role::operator_, "ticket")).at("trial").is_null());
  const auto promoted =
      call("POST", "/api/v1/rules/service-down/actions", keys[Role::operator_], R"({"action":"tier:page"})");
  EXPECT_FALSE(object(promoted).at("trial").is_null()) << promoted.body;
  const auto demoted =
      call("PUT", "/api/v1/rules/service-down", keys[Role::operator_],
           JsonWriter().object().field("yaml", rule("ticket")).field("version", 2).end().take());
  EXPECT_TRUE(object(demoted).at("trial").is_null()) << demoted.body;
}

TEST_F(RuleTrials, AnAccountMayDoWithoutTrials) {
  ASSERT_EQ(call("PUT", "/api/v1/alerting", keys[Role::admin], R"({"trial":"0s"})").status, 200);
  EXPECT_TRUE(object(create(Role::operator_)).at("trial").is_null());
}

TEST_F(RuleTrials, TheNightlyRunKeepsItsFindingsAndSaysWhatIsNew) {
  const auto night = [&] {
    clock.advance(std::chrono::hours(17));
    native::lint_nightly(*context);
    clock.advance(std::chrono::hours(7));
  };
  native::lint_nightly(*context);
  EXPECT_TRUE(object(get("/api/v1/rules/lint/nightly")).at("at").is_null()) << "it is ten in the morning";
  night();
  EXPECT_FALSE(object(get("/api/v1/rules/lint/nightly")).at("at").is_null());
  create(Role::operator_);
  night();
  const auto found = object(get("/api/v1/rules/lint/nightly"));
  EXPECT_THAT(boost::json::serialize(found.at("fresh")), HasSubstr("\"H14 service-down\""));
  settle();
  const auto changes = items(get("/api/v1/changes?type=husbandry.*"));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_THAT(std::string(changes[0].as_object().at("summary").as_string()), HasSubstr("H14 service-down"));
  EXPECT_THAT(get("/api/v1/rules/lint?rule_id=service-down").body, HasSubstr("\"action\":\"approve\""));
}

TEST_F(RuleTrials, ATemplateIsSeenBeforeItIsUsed) {
  const auto made_up =
      object(post("/api/v1/channels/preview", R"({"title":"{severity}: {event}","text":"see {url}"})"));
  EXPECT_EQ(made_up.at("title"), "critical: ServiceDown");
  const Alert alert = raise(ours, "compute7");
  const auto real = object(post("/api/v1/channels/preview",
                                R"({"title":"{transition} on {host}","alert_id":")" + alert.id + "\"}"));
  EXPECT_EQ(real.at("title"), "opened on compute7");
  EXPECT_EQ(real.at("text"), alert.text.c_str());
  EXPECT_EQ(post("/api/v1/channels/preview", R"({"title":"{nonsense}"})").status, 400);
}

}  // namespace
}  // namespace sentinella::api
