// The status page for everybody; every answer is also held against openapi.json.
#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "catalog/states.h"

namespace sentinella::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class PublicStatusApi : public ApiTest {
 protected:
  net::Response set_page(const std::string& body) {
    return call("PUT", "/api/v1/status-page", keys[Role::admin], body);
  }
  std::string switch_on() {
    const std::string path = text(set_page(R"({"public":true,"title":"Cloud of ours"})"), "path");
    EXPECT_TRUE(path.starts_with("/public/")) << path;
    return "/api/v1/public/status/" + path.substr(std::string("/public/").size());
  }
  net::Response from_outside(const std::string& path) { return call("GET", path, ""); }
  /// So many minutes ago.
  void state(const std::string& host, std::int64_t ago, const std::string& status) {
    need(database->write([&](catalog::Transaction& tx) {
      return catalog::put_state(tx, {ours, host, "nova-api", status, clock.now() - ago * 1min});
    }));
  }
  /// nova-api was down on two hosts at once, and is down on one of them again.
  void an_hour_with_trouble() {
    for (const char* host : {"secret-host-1", "secret-host-2"}) state(host, 60, "up");
    state("secret-host-1", 40, "down");
    state("secret-host-2", 38, "down");
    state("secret-host-2", 32, "up");
    state("secret-host-1", 30, "up");
    state("secret-host-1", 10, "down");
  }
};

TEST_F(PublicStatusApi, IsReadWithoutALoginOnlyWhenItIsSwitchedOn) {
  EXPECT_EQ(from_outside("/api/v1/public/status/").status, 404);
  EXPECT_EQ(from_outside("/api/v1/public/status/guessed").status, 404);
  EXPECT_TRUE(object(get("/api/v1/status-page")).at("path").is_null());
  const std::string path = switch_on();
  EXPECT_EQ(from_outside(path).status, 200);
  EXPECT_EQ(text(from_outside(path), "title"), "Cloud of ours");
  set_page(R"({"public":false})");
  EXPECT_EQ(from_outside(path).status, 404);
  EXPECT_NE(switch_on(), path);
  EXPECT_EQ(from_outside(path).status, 404);
}

TEST_F(PublicStatusApi, SaysWhichServicesAreInTroubleAndNotWhereTheyRun) {
  an_hour_with_trouble();
  raise(ours, "secret-host-1");
  const auto answer = from_outside(switch_on());
  EXPECT_THAT(answer.body, Not(HasSubstr("secret-host")));
  EXPECT_THAT(answer.body, Not(HasSubstr("alert")));
  const auto page = object(answer);
  EXPECT_EQ(page.at("state"), "trouble");
  const auto service = page.at("services").as_array().at(0).as_object();
  EXPECT_EQ(service.at("service"), "nova-api");
  EXPECT_NEAR(service.at("uptime").as_double(), 1 - 26.0 / 120, 0.001);
  ASSERT_EQ(service.at("known").as_array().size(), 1u);
  EXPECT_EQ(service.at("known").as_array()[0].at("from"), to_rfc3339(clock.now() - 60min).c_str());
  const auto& incidents = service.at("incidents").as_array();
  ASSERT_EQ(incidents.size(), 2u) << "two hosts at once are one incident";
  EXPECT_TRUE(incidents[0].at("to").is_null());
  EXPECT_EQ(incidents[1].at("from"), to_rfc3339(clock.now() - 40min).c_str());
  EXPECT_EQ(incidents[1].at("to"), to_rfc3339(clock.now() - 30min).c_str());
}

TEST_F(PublicStatusApi, IsMadeOnceInAWhileHoweverOftenItIsAskedFor) {
  const std::string path = switch_on();
  EXPECT_EQ(text(from_outside(path), "state"), "unknown");
  state("secret-host-1", 5, "up");
  EXPECT_EQ(text(from_outside(path), "state"), "unknown");
  clock.advance(15s);
  EXPECT_EQ(text(from_outside(path), "state"), "up");
}

TEST_F(PublicStatusApi, OnlyAdministratorsSwitchItAndEachAccountHasItsOwn) {
  EXPECT_EQ(call("PUT", "/api/v1/status-page", keys[Role::operator_], R"({"public":true})").status, 403);
  EXPECT_EQ(set_page(R"({"title":"x"})").status, 400);
  an_hour_with_trouble();
  switch_on();
  EXPECT_TRUE(object(call("GET", "/api/v1/status-page", their_admin)).at("path").is_null());
  const auto theirs_shown = object(call("PUT", "/api/v1/status-page", their_admin, R"({"public":true})"));
  const std::string slug(theirs_shown.at("path").as_string().subview(std::string("/public/").size()));
  EXPECT_TRUE(object(from_outside("/api/v1/public/status/" + slug)).at("services").as_array().empty());
}

}  // namespace
}  // namespace sentinella::api
