// What a rule said before, and its backtest at save; every answer is also held against openapi.json.
#include <gmock/gmock.h>

#include "api/api_fixture.h"

namespace sentinella::api {
namespace {

std::string rule_text(const std::string& pattern) {
  return "id: errors\nkind: tailable\nevent: Errors\ntier: ticket\nsummary: errors\nowner: me\nimpact: some\n"
         "playbook: look\nmatch: {pattern: '" +
         pattern + "'}\n";
}

class RuleVersions : public ApiTest {
 protected:
  net::Response create(const std::string& pattern) {
    return call("POST", "/api/v1/rules", keys[Role::operator_], rule_text(pattern), "application/yaml");
  }
  net::Response change(const std::string& pattern, int version) {
    JsonWriter edit;
    edit.object().field("yaml", rule_text(pattern)).field("version", version).end();
    return call("PUT", "/api/v1/rules/errors", keys[Role::admin], edit.str());
  }
};

TEST_F(RuleVersions, EachSavedTextStaysReadableWithWhoAndWhenAndCanBeRestored) {
  ASSERT_EQ(create("one").status, 201);
  clock.advance(1h);
  ASSERT_EQ(change("two", 1).status, 200);
  const auto versions = items(get("/api/v1/rules/errors/versions"));
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].as_object().at("version"), 2);
  EXPECT_EQ(versions[0].as_object().at("updated_by"), "admin");
  EXPECT_EQ(versions[1].as_object().at("updated_by"), "operator");
  EXPECT_EQ(versions[1].as_object().at("updated"), "2026-03-02T10:11:12.000Z");
  EXPECT_EQ(versions[1].as_object().at("yaml"), rule_text("one").c_str());

  const auto restored = post("/api/v1/rules/errors/actions", R"({"action":"restore:1"})");
  ASSERT_EQ(restored.status, 200) << restored.body;
  EXPECT_EQ(text(restored, "yaml"), rule_text("one"));
  EXPECT_EQ(object(restored).at("version"), 3);
  EXPECT_EQ(items(get("/api/v1/rules/errors/versions")).size(), 3u);
  EXPECT_EQ(post("/api/v1/rules/errors/actions", R"({"action":"restore:9"})").status, 404);
  EXPECT_EQ(post("/api/v1/rules/errors/actions", R"({"action":"restore:x"})").status, 400);
}

TEST_F(RuleVersions, TheyOutliveTheRuleAndGoOnWithItsReturn) {
  ASSERT_EQ(create("one").status, 201);
  ASSERT_EQ(call("DELETE", "/api/v1/rules/errors", keys[Role::admin]).status, 204);
  EXPECT_EQ(items(get("/api/v1/rules/errors/versions")).size(), 1u);
  EXPECT_EQ(object(create("two")).at("version"), 2);
  EXPECT_EQ(get("/api/v1/rules/unknown/versions").status, 404);
}

TEST_F(RuleVersions, ADeletedRuleIsBroughtBack) {
  ASSERT_EQ(create("one").status, 201);
  ASSERT_EQ(call("DELETE", "/api/v1/rules/errors", keys[Role::admin]).status, 204);
  EXPECT_EQ(post("/api/v1/rules/errors/actions", R"({"action":"disable"})").status, 404);
  EXPECT_EQ(post("/api/v1/rules/errors/actions", R"({"action":"restore:9"})").status, 404);
  const auto restored = post("/api/v1/rules/errors/actions", R"({"action":"restore:1"})");
  ASSERT_EQ(restored.status, 200) << restored.body;
  EXPECT_EQ(text(restored, "yaml"), rule_text("one"));
  EXPECT_EQ(object(restored).at("version"), 2);
}

TEST_F(RuleVersions, SavingSaysWhatTheChangeWouldHaveMeantInThirtyDays) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(send_log(keys[Role::operator_], "one thing").status, 200);
  ASSERT_EQ(send_log(keys[Role::operator_], "two things", "compute2").status, 200);
  settle();
  clock.advance(2h);
  const auto made = object(create("one")).at("backtest").as_object();
  EXPECT_EQ(made.at("problem"), "");
  EXPECT_EQ(made.at("result").as_object().at("new").as_object().at("episodes"), 1);
  EXPECT_FALSE(made.at("result").as_object().contains("old"));
  const auto changed = object(change("one|two", 1)).at("backtest").as_object().at("result").as_object();
  EXPECT_EQ(changed.at("new").as_object().at("episodes"), 2);
  EXPECT_EQ(changed.at("old").as_object().at("episodes"), 1);
  EXPECT_EQ(changed.at("only_new"), 1);
  EXPECT_EQ(changed.at("only_old"), 0);
  const auto later = object(get("/api/v1/rules/errors/backtest"));
  EXPECT_EQ(later.at("only_new"), 1);
  EXPECT_EQ(call("GET", "/api/v1/rules/errors/backtest", keys[Role::viewer]).status, 403);
}

}  // namespace
}  // namespace sentinella::api
