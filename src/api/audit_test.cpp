#include "api/audit.h"

#include <gmock/gmock.h>

#include "api/api_fixture.h"

namespace sentinella::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class Audit : public ApiTest {
 protected:
  boost::json::array entries() {
    settle();
    return items(get("/api/v1/changes?type=audit.*"));
  }
};

TEST_F(Audit, WhoMadeChangedAndRemovedAThingIsReadableAfterwards) {
  const auto made = post("/api/v1/clouds", R"({"name":"lab"})");
  ASSERT_EQ(made.status, 201);
  clock.advance(std::chrono::seconds(1));
  ASSERT_EQ(call("DELETE", "/api/v1/clouds/" + text(made, "id"), keys[Role::operator_]).status, 204);
  const auto found = entries();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].at("type").as_string(), "audit.clouds.made");
  EXPECT_EQ(found[1].at("summary").as_string(), "admin made cloud lab");
  EXPECT_THAT(std::string(found[0].at("summary").as_string()), HasSubstr("operator removed cloud"));
  EXPECT_EQ(found[0].at("traits").at("method").as_string(), "DELETE");
}

TEST_F(Audit, WhatOnlyReadsTriesOutOrFailsIsNotRecorded) {
  get("/api/v1/clouds");
  post("/api/v1/silences/preview", R"({"matchers":[{"name":"host","value":"a"}]})");
  post("/api/v1/clouds", R"({"nam":"lab"})");
  call("POST", "/api/v1/clouds", keys[Role::viewer], R"({"name":"lab"})");
  EXPECT_TRUE(entries().empty());
}

TEST_F(Audit, NoSecretGetsIntoTheRecord) {
  const auto made = post("/api/v1/keys", R"({"name":"ci","role":"viewer"})");
  ASSERT_EQ(made.status, 201);
  const auto found = entries();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(boost::json::serialize(found[0]), Not(HasSubstr(text(made, "key"))));
}

TEST_F(Audit, WhatIsMadeByAlertasDoorIsRecordedWithoutItsSecret) {
  const auto made = post("/alerta/key", R"({"user":"kim","scopes":["admin"],"text":"shipper"})");
  ASSERT_EQ(made.status, 201) << made.body;
  clock.advance(std::chrono::seconds(1));
  const std::string id(object(made).at("data").as_object().at("id").as_string());
  ASSERT_EQ(call("DELETE", "/alerta/key/" + id, keys[Role::admin]).status, 200);
  clock.advance(std::chrono::seconds(1));
  ASSERT_EQ(post("/alerta/blackout", R"({"environment":"Production","text":"new disk"})").status, 201);
  const auto found = entries();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[2].at("summary").as_string(), "admin made API key shipper");
  EXPECT_EQ(found[2].at("type").as_string(), "audit.keys.made");
  EXPECT_THAT(boost::json::serialize(found), Not(HasSubstr(text(made, "key"))));
  EXPECT_EQ(found[1].at("summary").as_string(), "admin removed API key " + id);
  EXPECT_EQ(found[0].at("summary").as_string(), "admin made blackout new disk");
}

TEST_F(Audit, AnotherAccountSeesNothingOfIt) {
  post("/api/v1/clouds", R"({"name":"lab"})");
  settle();
  EXPECT_TRUE(items(call("GET", "/api/v1/changes?type=audit.*", their_admin)).empty());
}

}  // namespace
}  // namespace sentinella::api
