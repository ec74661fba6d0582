// Silences, rotas and the like through the native API; every answer is also held against openapi.json.
#include <gmock/gmock.h>

#include "api/api_fixture.h"

namespace sentinella::api {
namespace {

constexpr const char* kSilence =
    R"({"matchers":[{"name":"host","value":"compute1"}],"reason":"new disk","duration":"2h"})";

class PolicyApi : public ApiTest {
 protected:
  boost::json::object why(const std::string& id) {
    return object(get("/api/v1/alerts/" + id + "/notifications"));
  }
  std::string stages(const std::string& id) {
    std::string out;
    for (const auto& one : why(id).at("why_not_notified").as_array())
      out += std::string(one.as_object().at("stage").as_string()) + ' ';
    return out;
  }
  net::Response act(Role role, const std::string& id, const std::string& body) {
    return call("POST", "/api/v1/alerts/" + id + "/actions", keys[role], body);
  }
};

TEST_F(PolicyApi, ASilenceHidesAnAlertAndSaysSo) {
  const auto preview =
      object(post("/api/v1/silences/preview", R"({"matchers":[{"name":"host","value":"compute1"}]})"));
  EXPECT_EQ(preview.at("total"), 0);
  const auto made = call("POST", "/api/v1/silences", keys[Role::responder], kSilence);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(text(made, "state"), "active");
  EXPECT_EQ(text(made, "reason"), "new disk");
  const Alert alert = raise(ours, "compute1");
  const auto stage = why(alert.id).at("why_not_notified").as_array().at(0).as_object();
  EXPECT_EQ(stage.at("stage"), "silence");
  EXPECT_EQ(stage.at("id"), text(made, "id").c_str());
  EXPECT_EQ(why(alert.id).at("next_is"), "opened");
  EXPECT_EQ(object(post("/api/v1/silences/preview", R"({"matchers":[{"name":"host","value":"compute1"}]})"))
                .at("total"),
            1);
  EXPECT_EQ(call("DELETE", "/api/v1/silences/" + text(made, "id"), keys[Role::responder]).status, 204);
  EXPECT_EQ(stages(alert.id), "channel ") << "there is none";
  EXPECT_EQ(why(alert.id).at("told_with"), alert.id.c_str());
}

TEST_F(PolicyApi, WhatASilenceHidesIsWhatItsPreviewSaidAndComesBackWithItsEnd) {
  raise(ours, "compute1");
  raise(ours, "compute2");
  const auto hidden = [&] { return object(get("/api/v1/alert-rows?muted=hide")); };
  EXPECT_EQ(hidden().at("matching"), 2);
  EXPECT_EQ(hidden().at("muted"), 0);
  EXPECT_TRUE(hidden().at("muted_until").is_null());
  const auto preview =
      object(post("/api/v1/silences/preview", R"({"matchers":[{"name":"host","value":"compute1"}]})"));
  const auto made = object(post("/api/v1/silences", kSilence));
  EXPECT_EQ(hidden().at("muted"), preview.at("total"));
  EXPECT_EQ(hidden().at("muted_until"), made.at("ends"));
  EXPECT_EQ(hidden().at("items").as_array().at(0).as_object().at("host"), "compute2");
  EXPECT_EQ(items(get("/api/v1/alert-rows?muted=only")).at(0).as_object().at("host"), "compute1");
  EXPECT_EQ(items(get("/api/v1/alert-rows")).size(), 2u);
  EXPECT_EQ(get("/api/v1/alert-rows?muted=no").status, 400);
  EXPECT_EQ(object(call("GET", "/api/v1/alert-rows?muted=hide", their_admin)).at("muted"), 0);
  clock.advance(2h);
  EXPECT_EQ(hidden().at("matching"), 2);
  EXPECT_EQ(hidden().at("muted"), 0);
}

TEST_F(PolicyApi, TheOverviewCountsNothingThatIsHiddenAndSaysHowMuchThatIs) {
  ASSERT_EQ(send_log(keys[Role::operator_], "hello", "compute1").status, 200);
  ASSERT_EQ(send_log(keys[Role::operator_], "hello", "compute2").status, 200);
  raise(ours, "compute1");
  raise(ours, "compute2");
  const auto overview = [&] { return object(get("/api/v1/overview")); };
  EXPECT_EQ(overview().at("muted"), 0);
  EXPECT_EQ(overview().at("counts").at("critical"), 2);
  const std::string id = text(post("/api/v1/silences", kSilence), "id");
  EXPECT_EQ(overview().at("muted"), 1);
  EXPECT_EQ(overview().at("muted"), object(get("/api/v1/alert-rows?muted=only")).at("muted"));
  EXPECT_EQ(overview().at("counts").at("critical"), 1);
  EXPECT_EQ(overview().at("verdict"), "compute1 is silent, compute2 is silent; 1 open alert.");
  EXPECT_EQ(text(get("/api/v1/nodes/compute1"), "planned"), "");
  EXPECT_EQ(object(call("GET", "/api/v1/overview", their_admin)).at("muted"), 0);
  EXPECT_EQ(call("DELETE", "/api/v1/silences/" + id, keys[Role::admin]).status, 204);
  EXPECT_EQ(overview().at("counts").at("critical"), 2);
}

TEST_F(PolicyApi, TheOverviewOfOneCloudSumsUpThatCloudAlone) {
  for (const char* host : {"compute1", "compute2"})
    ASSERT_EQ(send_log(keys[Role::operator_], "hello", host).status, 200);
  raise(ours, "compute1");
  const std::string lab = text(post("/api/v1/clouds", R"({"name":"lab"})"), "id");
  const std::string classified = R"({"cloud_id":")" + lab + R"("})";
  ASSERT_EQ(call("PUT", "/api/v1/nodes/compute2", keys[Role::admin], classified).status, 200);
  const auto of = [&](const std::string& cloud) { return object(get("/api/v1/overview?cloud=" + cloud)); };
  EXPECT_EQ(of("Production").at("counts").at("critical"), 1);
  EXPECT_EQ(of("Production").at("verdict"), "compute1 is silent; 1 open alert.");
  EXPECT_EQ(of("lab").at("counts").at("critical"), 0);
  EXPECT_EQ(of("lab").at("verdict"), "compute2 is silent; no open alert.");
  EXPECT_EQ(of("lab").at("nodes").as_array().size(), 2u) << "of which one may choose";
  EXPECT_EQ(of("elsewhere").at("verdict"), "No node of elsewhere has reported yet.");
  EXPECT_EQ(of("").at("counts").at("critical"), 1);
  post("/api/v1/silences", kSilence);
  EXPECT_EQ(of("Production").at("muted"), 1);
  EXPECT_EQ(of("lab").at("muted"), 0);
}

TEST_F(PolicyApi, ANodeSaysWhichPlannedWorkItIsUnderAndIsNoTroubleMeanwhile) {
  ASSERT_EQ(send_log(keys[Role::operator_], "hello", "compute1").status, 200);
  ASSERT_EQ(send_log(keys[Role::operator_], "hello", "compute2").status, 200);
  const auto planned = [&](const std::string& host) { return text(get("/api/v1/nodes/" + host), "planned"); };
  const auto plan = [&](const std::string& kind, const std::string& matchers) {
    const auto made = post("/api/v1/maintenances", R"({"kind":")" + kind + R"(","matchers":[)" + matchers +
                                                       R"(],"reason":"new disk","duration":"2h"})");
    ASSERT_EQ(made.status, 201) << made.body;
  };
  plan("maintenance", R"({"name":"host","value":"compute2"},{"name":"service","value":"nova-compute"})");
  EXPECT_EQ(planned("compute2"), "");
  plan("blackout", R"({"name":"host","value":"compute1"})");
  EXPECT_EQ(planned("compute1"), "blackout");
  plan("maintenance", R"({"name":"host","value":"compute1"})");
  EXPECT_EQ(planned("compute1"), "maintenance");
  EXPECT_EQ(planned("compute2"), "");
  EXPECT_EQ(text(get("/api/v1/overview"), "verdict"), "compute2 is silent; no open alert.");
  plan("maintenance", R"({"name":"host","value":"compute2"})");
  EXPECT_EQ(text(get("/api/v1/overview"), "verdict"),
            "0 nodes and 0 services are up, planned work on 2 nodes, no open alert.");
  clock.advance(2h);
  EXPECT_EQ(planned("compute1"), "");
}

TEST_F(PolicyApi, ASilenceNeedsAnEndAReasonAndSomethingToMatch) {
  const auto refused = [&](const std::string& body) {
    const auto reply = post("/api/v1/silences", body);
    EXPECT_EQ(reply.status, 400) << body;
    return std::string(object(reply).at("error").as_object().at("field").as_string());
  };
  EXPECT_EQ(refused(R"({"matchers":[{"name":"host","value":"a"}],"reason":"x"})"), "ends");
  EXPECT_EQ(refused(R"({"matchers":[{"name":"host","value":"a"}],"duration":"1h"})"), "reason");
  EXPECT_EQ(refused(R"({"matchers":[],"reason":"x","duration":"1h"})"), "matchers");
  EXPECT_EQ(refused(R"({"matchers":[{"name":"host","value":"a"}],"reason":"x","duration":"31d"})"), "ends");
}

TEST_F(PolicyApi, AChainOrARotaNamesOnlyWhatIsThere) {
  const auto refused = [&](const std::string& kind, const std::string& body) {
    const auto reply = post("/api/v1/" + kind, body);
    EXPECT_EQ(reply.status, 400) << reply.body;
    return std::string(object(reply).at("error").as_object().at("field").as_string());
  };
  EXPECT_EQ(refused("escalations", R"({"name":"e","steps":[{"channels":["gone"]}]})"), "steps.channels");
  EXPECT_EQ(refused("escalations", R"({"name":"e","steps":[{"rota":"gone"}]})"), "steps.rota");
  EXPECT_EQ(refused("rotas", R"({"name":"r","shift":"7d","members":[{"person":"kim","channel":"gone"}]})"),
            "members.channel");
  EXPECT_EQ(refused("teams", R"({"name":"t","channels":["gone"]})"), "channels");
  EXPECT_EQ(refused("teams", R"({"name":"t","rota":"gone"})"), "rota");
  EXPECT_EQ(refused("teams", R"({"name":"t"})"), "channels");
  EXPECT_EQ(refused("teams", R"({"name":"t","channels":["x"],"matchers":[{"name":"host","value":""}]})"),
            "matchers");
}

TEST_F(PolicyApi, AViewerMakesNoSilenceAndAnotherAccountSeesNone) {
  EXPECT_EQ(call("POST", "/api/v1/silences", keys[Role::viewer], kSilence).status, 403);
  const std::string id = text(post("/api/v1/silences", kSilence), "id");
  EXPECT_EQ(call("GET", "/api/v1/silences/" + id, their_admin).status, 404);
  EXPECT_EQ(call("DELETE", "/api/v1/silences/" + id, their_admin).status, 404);
}

TEST_F(PolicyApi, WithARotaOnlyWhoIsOnCallAcknowledgesAPage) {
  const Alert alert = raise(ours, "compute1");
  const auto rota = post("/api/v1/rotas", R"({"name":"cloud","members":[{"person":"responder"}]})");
  ASSERT_EQ(rota.status, 201) << rota.body;
  EXPECT_EQ(items(get("/api/v1/on-call"))[0].as_object().at("person"), "responder");
  const auto refused = act(Role::operator_, alert.id, R"({"action":"ack"})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, testing::HasSubstr("responder"));
  EXPECT_EQ(act(Role::operator_, alert.id, R"({"action":"note","text":"I look, too"})").status, 200);
  const auto acked = act(Role::responder, alert.id, R"({"action":"ack","timeout":"2h"})");
  EXPECT_EQ(acked.status, 200);
  EXPECT_EQ(text(acked, "statusUntil"), "2026-03-02T12:11:12.000Z");
  EXPECT_EQ(why(alert.id).at("why_not_notified").as_array().at(0).as_object().at("stage"), "acknowledged");
}

TEST_F(PolicyApi, WithARotaOnlyWhoIsOnCallPutsAPageAside) {
  const Alert alert = raise(ours, "compute1");
  ASSERT_EQ(post("/api/v1/rotas", R"({"name":"cloud","members":[{"person":"responder"}]})").status, 201);
  EXPECT_EQ(act(Role::operator_, alert.id, R"({"action":"shelve"})").status, 403);
  ASSERT_EQ(
      call("PUT", "/api/v1/alerting", keys[Role::admin], R"({"no_page":["environment=Production"]})").status,
      200);
  EXPECT_EQ(act(Role::operator_, alert.id, R"({"action":"shelve"})").status, 200) << "no page any more";
}

TEST_F(PolicyApi, WhatIsAcknowledgedOrPutAsideWithoutAnEndComesBackAfterTheAccountsDefault) {
  const Alert acked = raise(ours, "compute1"), shelved = raise(ours, "compute2");
  EXPECT_EQ(text(act(Role::responder, acked.id, R"({"action":"ack"})"), "statusUntil"),
            "2026-03-03T10:11:12.000Z");
  EXPECT_EQ(text(act(Role::responder, shelved.id, R"({"action":"shelve"})"), "statusUntil"),
            "2026-03-02T12:11:12.000Z");
  EXPECT_EQ(why(shelved.id).at("next_notification_at"), "2026-03-02T12:11:12.000Z");
  clock.advance(2h);
  need(report({}));
  EXPECT_EQ(object(get("/api/v1/alerts/" + shelved.id)).at("alert").as_object().at("status"), "open");
  EXPECT_EQ(stages(shelved.id), "channel ") << "told again, if there was anybody";
  EXPECT_EQ(stages(acked.id), "acknowledged channel ");

  ASSERT_EQ(call("PUT", "/api/v1/alerting", keys[Role::admin], R"({"ack_expiry":"0s","shelve_expiry":"5m"})")
                .status,
            200);
  const Alert third = raise(ours, "compute3");
  EXPECT_TRUE(object(act(Role::responder, third.id, R"({"action":"ack"})")).at("statusUntil").is_null());
  EXPECT_EQ(text(act(Role::responder, third.id, R"({"action":"shelve"})"), "statusUntil"),
            "2026-03-02T12:16:12.000Z");
}

TEST_F(PolicyApi, AnAlertSaysWhichTeamItIsForAndThroughWhat) {
  const std::string channel =
      text(post("/api/v1/channels",
                R"({"name":"compute chat","kind":"webhook","settings":{"url":"http://127.0.0.1:9/"}})"),
           "id");
  const auto team =
      post("/api/v1/teams", R"({"name":"compute","channels":[")" + channel +
                                R"("],"matchers":[{"name":"service","value":"nova-compute"}]})");
  ASSERT_EQ(team.status, 201) << team.body;
  const auto receivers = why(raise(ours, "compute1").id).at("receivers").as_object();
  EXPECT_EQ(receivers.at("by"), "team");
  EXPECT_EQ(receivers.at("name"), "compute");
  EXPECT_EQ(receivers.at("channels").as_array().at(0), "compute chat");
}

TEST_F(PolicyApi, EveryKindIsMadeReadChangedAndRemoved) {
  const std::string channel = text(
      post("/api/v1/channels", R"({"name":"c","kind":"webhook","settings":{"url":"http://127.0.0.1:9/"}})"),
      "id");
  const std::map<std::string, std::string> bodies{
      {"silences", kSilence},
      {"maintenances",
       R"({"kind":"blackout","matchers":[{"name":"host","value":"a"}],"reason":"x","duration":"1h",
           "recurrence":{"weekdays":["sun"],"start":"02:00","length":"2h"}})"},
      {"inhibitions",
       R"({"source":[{"name":"event","value":"A"}],"target":[{"name":"event","value":"B"}],"equal":["host"]})"},
      {"rotas", R"({"name":"r","shift":"1d","members":[{"person":"kim"}]})"},
      {"escalations", R"({"name":"e","steps":[{"after":"0s","channels":[")" + channel + R"("]}]})"},
      {"teams", R"({"name":"t","channels":[")" + channel +
                    R"("],"matchers":[{"name":"service","value":"cinder-.*","isRegex":true}]})"}};
  for (const auto& [path, body] : bodies) {
    const auto made = post("/api/v1/" + path, body);
    ASSERT_EQ(made.status, 201) << path << made.body;
    const std::string one = "/api/v1/" + path + "/" + text(made, "id");
    EXPECT_EQ(get(one).status, 200);
    EXPECT_EQ(call("PUT", one, keys[Role::admin], body).status, 200) << path;
    EXPECT_EQ(items(get("/api/v1/" + path)).size(), 1u);
    EXPECT_EQ(call("DELETE", one, keys[Role::admin]).status, 204);
    EXPECT_EQ(get(one).status, 404);
  }
}

TEST_F(PolicyApi, SettingsHaveDefaultsAndAreReplacedWhole) {
  EXPECT_EQ(object(get("/api/v1/alerting")).at("storm_messages"), 20);
  const auto put =
      call("PUT", "/api/v1/alerting", keys[Role::admin], R"({"storm_messages":0,"group_by":["..."]})");
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(object(get("/api/v1/alerting")).at("storm_messages"), 0);
  EXPECT_EQ(object(get("/api/v1/alerting")).at("group_wait"), "1s");
  EXPECT_EQ(call("PUT", "/api/v1/alerting", keys[Role::admin], R"({"group_wait":"soon"})").status, 400);
}

}  // namespace
}  // namespace sentinella::api
