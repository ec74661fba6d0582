#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "api/native/service_map.h"

namespace sentinella::api::native {
namespace {

class Boards : public ApiTest {
 protected:
  net::Response as(Role role, const std::string& method, const std::string& target,
                   const std::string& body = "") {
    return call(method, target, keys[role], body);
  }
  const std::string night =
      R"({"name":"Night","body":{"range":"3h","panels":[{"kind":"metrics","query":"host_load1","width":2}]}})";
};

TEST_F(Boards, ABoardIsItsOwnersUntilItIsShared) {
  const auto made = as(Role::viewer, "POST", "/api/v1/boards", night);
  ASSERT_EQ(made.status, 201) << made.body;
  const auto path = "/api/v1/boards/" + text(made, "id");
  EXPECT_EQ(text(as(Role::viewer, "GET", path), "owner"), "viewer");
  EXPECT_EQ(as(Role::admin, "GET", path).status, 404);
  EXPECT_TRUE(items(as(Role::admin, "GET", "/api/v1/boards")).empty());
  const std::string shared = R"({"name":"Night","shared":true,"version":1,"body":{"panels":[]}})";
  ASSERT_EQ(as(Role::viewer, "PUT", path, shared).status, 200);
  EXPECT_EQ(items(as(Role::admin, "GET", "/api/v1/boards")).size(), 1u);
  EXPECT_EQ(call("GET", path, their_admin).status, 404);
}

TEST_F(Boards, OthersBoardsAreChangedByOperatorsOnlyAndAgainstTheVersionThatWasRead) {
  const auto made =
      as(Role::admin, "POST", "/api/v1/boards", R"({"name":"Night","shared":true,"body":{"panels":[]}})");
  const auto path = "/api/v1/boards/" + text(made, "id");
  const std::string change = R"({"name":"Day","version":1,"body":{"panels":[]}})";
  EXPECT_EQ(as(Role::responder, "PUT", path, change).status, 403);
  EXPECT_EQ(as(Role::responder, "DELETE", path).status, 403);
  EXPECT_EQ(as(Role::operator_, "PUT", path, change).status, 200);
  EXPECT_EQ(as(Role::operator_, "PUT", path, change).status, 409);
  EXPECT_EQ(as(Role::operator_, "DELETE", path).status, 204);
}

TEST_F(Boards, AMistakeInABoardIsNamed) {
  const auto field = [&](const std::string& body) {
    const auto answer = post("/api/v1/boards", body);
    EXPECT_EQ(answer.status, 400) << answer.body;
    return std::string(object(answer).at("error").at("field").as_string());
  };
  EXPECT_EQ(field(R"({"name":"x"})"), "body");
  EXPECT_EQ(field(R"({"name":"x","body":{}})"), "body.panels");
  EXPECT_EQ(field(R"({"name":"x","body":{"panels":[{"kind":"text"},{"kind":"pie"}]}})"),
            "body.panels[1].kind");
  EXPECT_EQ(field(R"({"name":"x","body":{"panels":[{"kind":"text","width":3}]}})"), "body.panels[0].width");
}

class ShortLinks : public ApiTest {};

TEST_F(ShortLinks, ALongAddressIsKeptUnderACodeForTheAccount) {
  const std::string path = "/logs?q=" + std::string(3000, 'a');
  const auto made = call("POST", "/api/v1/links", keys[Role::viewer], R"({"path":")" + path + R"("})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto link = "/api/v1/links/" + text(made, "code");
  EXPECT_EQ(text(get(link), "path"), path);
  EXPECT_EQ(call("GET", link, their_admin).status, 404);
}

TEST_F(ShortLinks, ACodeNeverLeadsToAnotherSite) {
  for (const std::string path :
       {"https://elsewhere/", "//elsewhere/", "/\\elsewhere", "javascript:x", "/a b", ""})
    EXPECT_EQ(post("/api/v1/links", R"({"path":")" + path + R"("})").status, 400) << path;
}

TEST(ServiceMap, KnowsWhatAComputeServiceNeedsAndThatADatabaseStandsAlone) {
  const auto needs = needs_of("nova-compute");
  ASSERT_FALSE(needs.empty());
  EXPECT_EQ(needs.front().service, "rabbitmq");
  EXPECT_TRUE(needs_of("mariadb").empty());
  EXPECT_TRUE(needs_of("rabbitmq").empty());
  EXPECT_EQ(needs_of("neutron-server").front().service, "rabbitmq");
  EXPECT_TRUE(is_named("rabbitmq-server", "rabbitmq"));
}

class Surroundings : public ApiTest {};

TEST_F(Surroundings, AnAlertIsShownWithTheSymptomsThatFollowFromIt) {
  Signal mariadb;
  mariadb.account = ours;
  mariadb.rule_id = "service-down";
  mariadb.event = "ServiceDown";
  mariadb.resource = "controller/mariadb";
  mariadb.host = "controller";
  mariadb.service = "mariadb";
  mariadb.severity = AlertSeverity::critical;
  mariadb.tier = Tier::page;
  mariadb.at = clock.now();
  const auto ids = need(report({mariadb}));
  const Alert symptom = raise(ours, "compute1");
  const auto around = object(get("/api/v1/alerts/" + ids.at(0) + "/surroundings"));
  ASSERT_EQ(around.at("symptoms").as_array().size(), 1u);
  EXPECT_EQ(around.at("symptoms").as_array()[0].at("id").as_string(), symptom.id);
  EXPECT_TRUE(around.at("cause").is_null());
  const auto back = object(get("/api/v1/alerts/" + symptom.id + "/surroundings"));
  EXPECT_EQ(back.at("cause").at("id").as_string(), ids.at(0));
  EXPECT_EQ(call("GET", "/api/v1/alerts/" + symptom.id + "/surroundings", their_admin).status, 404);
  const auto overview = object(get("/api/v1/overview"));
  EXPECT_EQ(overview.at("cause").at("alert_id").as_string(), ids.at(0));
  EXPECT_EQ(overview.at("cause").at("where").as_string(), "mariadb on controller");
  EXPECT_EQ(overview.at("cause").at("symptoms"), 1);
}

}  // namespace
}  // namespace sentinella::api::native
