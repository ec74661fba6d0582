#include <gmock/gmock.h>

#include "api/api_fixture.h"

namespace sentinella::api::native {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class AgentSettingsDoors : public ApiTest {
 protected:
  AgentSettingsDoors() {
    const auto secret = need(authenticator->make_enrolment_token(ours, std::chrono::hours(1)));
    const auto enrolled = need(authenticator->enrol(secret, "", "compute1", "machine-1", "1.0"));
    agent_id = enrolled.agent_id;
    agent = need(authenticator->agent_token(enrolled.agent_id, enrolled.agent_key)).access_token;
  }
  net::Response as(Role role, const std::string& method, const std::string& target,
                   const std::string& body = "") {
    return call(method, target, keys[role], body);
  }
  net::Response put(const std::string& layer, const std::string& body) {
    return as(Role::operator_, "PUT", "/api/v1/agent-settings/" + layer, body);
  }
  boost::json::object ask(const std::string& body) {
    const auto answer = call("POST", "/api/v1/agents/settings", agent, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return object(answer);
  }
  std::string agent_id, agent;
};

TEST_F(AgentSettingsDoors, AnAgentGetsTheDefaultItsGroupsAndItsOwnOnTopOfEachOther) {
  EXPECT_EQ(ask(R"({"host":"compute1"})").at("version"), 0);
  ASSERT_EQ(put("default", R"({"settings":{"interval_seconds":30,"discover":true}})").status, 200);
  ASSERT_EQ(put("group:compute", R"({"hosts":["compute*"],"settings":{"interval_seconds":20}})").status, 200);
  ASSERT_EQ(put("group:network", R"({"hosts":["net?"],"settings":{"kernel_log":false}})").status, 200);
  ASSERT_EQ(put("node:compute1", R"({"settings":{"services":{"heat-api":false}}})").status, 200);
  const auto mine = ask(R"({"host":"compute1"})");
  EXPECT_EQ(mine.at("version"), 4);
  EXPECT_EQ(boost::json::serialize(mine.at("settings")),
            R"({"interval_seconds":20,"discover":true,"services":{"heat-api":false}})");
  EXPECT_EQ(boost::json::serialize(ask(R"({"host":"other"})").at("settings")),
            R"({"interval_seconds":30,"discover":true})");
}

TEST_F(AgentSettingsDoors, WhoUsesTheNewestVersionIsNotSentItAgain) {
  ASSERT_EQ(put("default", R"({"settings":{"discover":true}})").status, 200);
  EXPECT_FALSE(ask(R"({"host":"compute1","version":1})").contains("settings"));
  ASSERT_EQ(as(Role::operator_, "DELETE", "/api/v1/agent-settings/default").status, 204);
  const auto after = ask(R"({"host":"compute1","version":1})");
  EXPECT_EQ(after.at("version"), 2);
  EXPECT_TRUE(after.at("settings").as_object().empty());
}

TEST_F(AgentSettingsDoors, TheServerShowsWhichNodeHasWhichVersionAndWhyNotANewerOne) {
  ASSERT_EQ(put("default", R"({"settings":{"discover":true}})").status, 200);
  ask(R"({"host":"compute1","version":0,"refused":1,"problem":"the server was not reached with it"})");
  const auto shown = object(get("/api/v1/agents/" + agent_id + "/settings"));
  EXPECT_EQ(shown.at("version"), 1);
  EXPECT_EQ(shown.at("in_use"), 0);
  EXPECT_EQ(shown.at("refused"), 1);
  EXPECT_THAT(std::string(shown.at("problem").as_string()), HasSubstr("not reached"));
  EXPECT_EQ(shown.at("layers").as_array().size(), 1u);
  ask(R"({"host":"compute1","version":1})");
  const auto listed = items(get("/api/v1/agents"));
  EXPECT_EQ(listed.at(0).at("settings_version"), 1);
  EXPECT_EQ(listed.at(0).at("settings_problem"), "");
  EXPECT_EQ(call("GET", "/api/v1/agents/" + agent_id + "/settings", their_admin).status, 404);
}

TEST_F(AgentSettingsDoors, OperatorsChangeLayersAgainstTheVersionThatTheyRead) {
  const std::string body = R"({"settings":{"discover":true}})";
  EXPECT_EQ(as(Role::responder, "PUT", "/api/v1/agent-settings/default", body).status, 403);
  ASSERT_EQ(put("default", body).status, 200);
  EXPECT_EQ(put("default", body).status, 409);
  EXPECT_EQ(put("default", R"({"version":1,"settings":{}})").status, 200);
  EXPECT_EQ(text(get("/api/v1/agent-settings/default"), "updated_by"), "operator");
  EXPECT_EQ(items(get("/api/v1/agent-settings")).size(), 1u);
  EXPECT_EQ(call("GET", "/api/v1/agent-settings/default", their_admin).status, 404);
  EXPECT_EQ(call("DELETE", "/api/v1/agent-settings/default", their_admin).status, 404);
}

TEST_F(AgentSettingsDoors, AMistakeIsNamedBeforeAnyAgentSeesIt) {
  const auto field = [&](const std::string& layer, const std::string& body) {
    const auto answer = put(layer, body);
    EXPECT_EQ(answer.status, 400) << answer.body;
    return std::string(object(answer).at("error").at("field").as_string());
  };
  EXPECT_EQ(field("default", R"({"settings":{"interval_seconds":0}})"), "settings.interval_seconds");
  EXPECT_EQ(field("default", R"({"settings":{"plugins":{"x":["y"]}}})"), "settings.plugins");
  EXPECT_EQ(field("default", R"({"hosts":["a"],"settings":{}})"), "hosts");
  EXPECT_EQ(field("group:a", R"({"settings":{}})"), "hosts");
  EXPECT_EQ(field("group:a", R"({"hosts":["a b"],"settings":{}})"), "hosts");
  EXPECT_EQ(field("everybody", R"({"settings":{}})"), "id");
}

TEST_F(AgentSettingsDoors, OnlyAgentsAskForSettings) {
  EXPECT_EQ(as(Role::admin, "POST", "/api/v1/agents/settings", R"({"host":"compute1"})").status, 403);
  EXPECT_EQ(call("GET", "/api/v1/agent-settings", agent).status, 403);
}

}  // namespace
}  // namespace sentinella::api::native
