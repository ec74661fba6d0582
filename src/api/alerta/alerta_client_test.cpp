// What Alerta's public command needs of the door, command by command: it was run against the server, and each
// request here is one that it makes.
#include <gmock/gmock.h>

#include "api/api_fixture.h"

namespace sentinella::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class AlertaClient : public ApiTest {
 protected:
  /// A report as `alerta send` makes it: with every field, null where the user gave none.
  static std::string report_of(const std::string& resource, const std::string& more = "") {
    return R"({"id":null,"resource":")" + resource +
           R"(","event":"node_down","environment":"Production","severity":"major","correlate":[],)"
           R"("service":["net","dns"],"group":null,"value":null,"text":null,"tags":["dc1"],"attributes":{},)"
           R"("origin":null,"type":null,"createTime":"2026-03-02T10:11:12.000Z","timeout":null)" +
           (more.empty() ? R"(,"rawData":null,"customer":null)" : "," + more) + "}";
  }
  boost::json::object send_alert(const std::string& body) {
    const auto reply = post("/alerta/alert", body);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return object(reply).at("alert").as_object();
  }
  std::string id_of(const std::string& body) { return std::string(send_alert(body).at("id").as_string()); }
  net::Response put(const std::string& target, const std::string& body, Role role = Role::admin) {
    return call("PUT", target, keys[role], body);
  }
  boost::json::array list(const std::string& path, const char* name) {
    return object(get(path)).at(name).as_array();
  }
};

TEST_F(AlertaClient, EveryRefusalIsOneThatTheCommandCanRead) {
  for (const auto& reply :
       {call("GET", "/alerta/alerts", ""), call("GET", "/alerta/alerts", "snt_wrong"),
        call("GET", "/alerta/users", keys[Role::viewer]), get("/alerta/nothing/here"),
        call("POST", "/alerta/alerts", keys[Role::admin], "{}"), get("/alerta/alert/none"),
        post("/alerta/group", R"({"name":"g"})"), post("/alerta/perm", R"({"match":"r"})"),
        post("/alerta/customer", R"({"customer":"c","match":"m"})"),
        call("POST", "/alerta/auth/signup", "", R"({"name":"x"})")}) {
    EXPECT_GE(reply.status, 400);
    EXPECT_EQ(text(reply, "status"), "error") << reply.body;
    EXPECT_EQ(object(reply).at("code"), reply.status);
    EXPECT_FALSE(text(reply, "message").empty());
    EXPECT_EQ(text(reply, "requestId"), reply.headers.get("X-Request-ID"));
  }
}

TEST_F(AlertaClient, TheConfigurationHasTheAlarmModelThatHeartbeatsAreCheckedAgainst) {
  const auto model = object(call("GET", "/alerta/config", "")).at("alarm_model").as_object();
  EXPECT_EQ(model.at("severity").as_object().at("major"), 2);
  EXPECT_EQ(model.at("defaults").as_object().at("normal_severity"), "normal");
  EXPECT_TRUE(model.at("colors").as_object().at("severity").as_object().contains("critical"));
}

TEST_F(AlertaClient, VersionUptimeAndStatusAreTold) {
  send_alert(report_of("web01"));
  clock.advance(90s);
  const auto status = object(call("GET", "/alerta/management/status", keys[Role::viewer]));
  EXPECT_EQ(status.at("version"), "1.2.3");
  EXPECT_EQ(status.at("uptime"), 90'000);
  EXPECT_EQ(status.at("time"), clock.now().ns / 1'000'000);
  const auto gauge = status.at("metrics").as_array().at(0).as_object();
  EXPECT_EQ(gauge.at("name"), "live");
  EXPECT_EQ(gauge.at("value"), 1);
  EXPECT_EQ(object(call("GET", "/alerta/management/status", their_admin))
                .at("metrics")
                .as_array()
                .at(0)
                .as_object()
                .at("value"),
            0);
}

TEST_F(AlertaClient, HousekeepingHasNothingToDoAndDeletesNothing) {
  const std::string id = id_of(report_of("web01"));
  EXPECT_EQ(put("/alerta/alert/" + id + "/action", R"({"action":"close"})").status, 200);
  clock.advance(3h);
  EXPECT_EQ(object(get("/alerta/management/housekeeping")).at("count"), 0);
  EXPECT_EQ(get("/alerta/management/housekeeping?expired=1").status, 400);
  EXPECT_EQ(get("/alerta/alert/" + id).status, 200);
}

TEST_F(AlertaClient, RawDataIsKeptAndShown) {
  const std::string id = id_of(report_of("web01", R"("rawData":"trap <1.3.6>")"));
  const auto alert =
      list("/alerta/alerts?id=" + id.substr(0, 8) + "&page=1&page-size=50", "alerts").at(0).as_object();
  EXPECT_EQ(alert.at("rawData"), "trap <1.3.6>");
  EXPECT_TRUE(alert.at("attributes").as_object().empty());
  EXPECT_TRUE(list("/alerta/alerts?page-size=1000", "alerts").at(0).as_object().at("rawData").is_null())
      << "long lists carry it when asked only";
  EXPECT_EQ(
      list("/alerta/alerts?page-size=1000&show-raw-data=true", "alerts").at(0).as_object().at("rawData"),
      "trap <1.3.6>");
  EXPECT_EQ(
      post("/alerta/alert", report_of("web01", R"("rawData":")" + std::string(70'000, 'x') + R"(")")).status,
      413);
}

TEST_F(AlertaClient, AnAlertOfACustomerIsAnAlertOfItsOwn) {
  const std::string ours_alone = id_of(report_of("web01"));
  const auto acmes = send_alert(report_of("web01", R"("customer":"acme")"));
  EXPECT_EQ(acmes.at("customer"), "acme");
  EXPECT_NE(std::string(acmes.at("id").as_string()), ours_alone);
  EXPECT_EQ(object(get("/alerta/alerts?customer=acme")).at("total"), 1);
  EXPECT_EQ(object(get("/alerta/alerts?q=customer:acme")).at("total"), 1);
  EXPECT_EQ(post("/alerta/alert", report_of("web01", R"("customer":"")")).status, 400);
}

TEST_F(AlertaClient, ARepeatThatSaysLessTakesNothingAway) {
  send_alert(report_of("web01", R"("rawData":null)"));
  auto full = report_of("web01");
  full.replace(full.find(R"("group":null)"), 12, R"("group":"Web")");
  full.replace(full.find(R"("type":null)"), 11, R"("type":"nagios")");
  send_alert(full);
  const auto again = send_alert(report_of("web01"));
  EXPECT_EQ(again.at("group"), "Web");
  EXPECT_EQ(again.at("type"), "nagios");
  EXPECT_EQ(again.at("duplicateCount"), 2);
}

TEST_F(AlertaClient, AnAlertThatIsOverIsFoundByItsTagsItsHistoryAndABeginningOfItsId) {
  const std::string id = id_of(report_of("web01", R"("attributes":{"region":"EU"})"));
  EXPECT_EQ(put("/alerta/alert/" + id.substr(0, 8) + "/action", R"({"action":"close","text":"done"})").status,
            200);
  EXPECT_EQ(object(get("/alerta/alerts?tags=dc1&attributes.region=EU")).at("total"), 1);
  const auto history = list("/alerta/alerts/history?id=" + id.substr(0, 8), "history");
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history.at(0).as_object().at("text"), "done");
  EXPECT_EQ(history.at(1).as_object().at("type"), "new");
  EXPECT_EQ(history.at(1).as_object().at("attributes").as_object().at("region"), "EU");
  EXPECT_EQ(put("/alerta/alert/" + id.substr(0, 8) + "/action", R"({"action":"open"})").status, 200);
  EXPECT_EQ(object(get("/alerta/alert/" + id)).at("alert").as_object().at("status"), "open");
}

TEST_F(AlertaClient, ANoteIsPutRightAndTakenBackByItsAuthorOrAnAdmin) {
  const std::string path = "/alerta/alert/" + id_of(report_of("web01"));
  const auto made = put(path + "/note", R"({"text":"cable"})", Role::responder);
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string note(made.headers.get("Location"));
  EXPECT_EQ(put(note, R"({"text":"fibre"})", Role::operator_).status, 403) << "another's";
  EXPECT_EQ(put(note, R"({"text":"fibre"})", Role::responder).status, 200);
  EXPECT_EQ(list(path + "/notes", "notes").at(0).as_object().at("text"), "fibre");
  EXPECT_EQ(put(note, R"({"text":""})", Role::responder).status, 400);
  EXPECT_EQ(put(path + "/note/2026-01-01T00:00:00.000Z", R"({"text":"x"})").status, 404);
  EXPECT_EQ(call("DELETE", note, their_admin).status, 404);
  EXPECT_EQ(call("DELETE", note, keys[Role::operator_]).status, 403);
  EXPECT_EQ(call("DELETE", note, keys[Role::admin]).status, 200);
  EXPECT_TRUE(list(path + "/notes", "notes").empty());
  EXPECT_EQ(call("DELETE", note, keys[Role::admin]).status, 404);
  settle();
  const auto audit = items(get("/api/v1/changes?type=audit.alerts.*"));
  EXPECT_EQ(audit.size(), 2u) << "changed and removed: the words before are in no history any more";
}

TEST_F(AlertaClient, LoggingInGivesATokenThatNamesItsUserAndLivesForDays) {
  post("/api/v1/users", R"({"name":"ana","password":"correct horse battery","role":"viewer"})");
  const auto reply =
      call("POST", "/alerta/auth/login", "", R"({"username":"ana","password":"correct horse battery"})");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const std::string token = text(reply, "token");
  const auto payload =
      from_base64url(token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1));
  ASSERT_TRUE(payload);
  EXPECT_THAT(*payload, HasSubstr(R"("preferred_username":"ana")"));
  clock.advance(24h * 3);
  EXPECT_EQ(object(call("GET", "/alerta/userinfo", token)).at("preferred_username"), "ana");
  clock.advance(24h * 12);
  EXPECT_EQ(call("GET", "/alerta/userinfo", token).status, 401);
  EXPECT_EQ(call("POST", "/alerta/auth/login", "", R"({"username":"ana","password":"wrong"})").status, 401);
}

TEST_F(AlertaClient, UsersAreMadeChangedAndRemoved) {
  const auto made =
      post("/alerta/user", R"({"name":null,"email":"kim@example.org","status":null,"roles":["operator"],
      "password":"correct horse battery","attributes":{},"text":"","email_verified":null})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = "/alerta/user/" + text(made, "id");
  EXPECT_EQ(object(get(path)).at("user").as_object().at("login"), "kim@example.org");
  EXPECT_EQ(object(get("/alerta/users?roles=operator")).at("total"), 1);
  EXPECT_TRUE(list(path + "/groups", "groups").empty());
  EXPECT_EQ(put(path, R"({"roles":["viewer"]})").status, 200);
  EXPECT_EQ(object(get(path)).at("user").as_object().at("roles").as_array().at(0), "viewer");
  EXPECT_EQ(put(path, R"({"text":"on leave"})").status, 400) << "there is no place for it";
  EXPECT_EQ(put(path, R"({"status":"inactive"})").status, 400);
  EXPECT_EQ(put(path, R"({"roles":["viewer","admin"]})").status, 400);
  EXPECT_EQ(call("PUT", path, their_admin, R"({"roles":["admin"]})").status, 404);

  const std::string token = text(call("POST", "/alerta/auth/login", "",
                                      R"({"username":"kim@example.org","password":"correct horse battery"})"),
                                 "token");
  EXPECT_EQ(object(call("GET", "/alerta/user/me", token)).at("user").as_object().at("login"),
            "kim@example.org");
  EXPECT_EQ(call("PUT", "/alerta/user/me", token, R"({"password":"another long password"})").status, 200);
  EXPECT_EQ(put("/alerta/user/me", R"({"password":"another long password"})").status, 403)
      << "a key has none";
  EXPECT_EQ(call("DELETE", path, keys[Role::admin]).status, 200);
  EXPECT_EQ(get(path).status, 404);
}

TEST_F(AlertaClient, AKeyOfOnesOwnChoosingIsRefusedAndNotReplacedInSilence) {
  const auto reply =
      post("/alerta/key", R"({"user":null,"scopes":[],"text":"t","customer":null,"key":"mine"})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(text(reply, "message"), HasSubstr("nobody chooses it"));
}

TEST_F(AlertaClient, ABlackoutIsNarrowedByServicesTagsOriginAndCustomer) {
  const auto hides = [&](const std::string& more) {
    const auto made = post("/alerta/blackout", R"({"environment":"Production","duration":600,)" + more + "}");
    EXPECT_EQ(made.status, 201) << made.body;
    const std::string id = id_of(report_of("web01", R"("customer":"acme","origin":"probe/a")"));
    const auto why = object(get("/api/v1/alerts/" + id + "/notifications")).at("why_not_notified").as_array();
    const bool hidden = !why.empty() && why.at(0).as_object().at("stage") == "blackout";
    EXPECT_EQ(call("DELETE", "/alerta/blackout/" + text(made, "id"), keys[Role::admin]).status, 200);
    return hidden;
  };
  EXPECT_TRUE(hides(R"("service":["dns"])")) << "any of the alert's services, not the first only";
  EXPECT_TRUE(hides(R"("service":["dns","net"],"tags":["dc1"])"));
  EXPECT_FALSE(hides(R"("service":["dns","mail"])")) << "all that are named must be there";
  EXPECT_FALSE(hides(R"("tags":["dc2"])"));
  EXPECT_TRUE(hides(R"("customer":"acme","origin":"probe/a")"));
  EXPECT_FALSE(hides(R"("customer":"other")"));
}

TEST_F(AlertaClient, ABlackoutIsShownAsItWasMade) {
  const auto made = post("/alerta/blackout",
                         R"({"environment":"Production","service":["a","b"],"tags":["t"],"origin":"o/p",
                             "resource":null,"event":null,"group":null,"customer":null,"duration":600,
                             "startTime":"2026-03-02T11:00:00.000Z","text":null})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto shown = list("/alerta/blackouts", "blackouts").at(0).as_object();
  EXPECT_EQ(boost::json::serialize(shown.at("service")), R"(["a","b"])");
  EXPECT_EQ(boost::json::serialize(shown.at("tags")), R"(["t"])");
  EXPECT_EQ(shown.at("origin"), "o/p");
  EXPECT_EQ(shown.at("status"), "pending");
  EXPECT_EQ(shown.at("remaining"), 600) << "all of it is still to come";
  EXPECT_EQ(
      put("/alerta/blackout/" + text(made, "id"), R"({"environment":"Production","tags":["u"]})").status,
      200);
}

}  // namespace
}  // namespace sentinella::api
