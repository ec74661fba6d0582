// Requests as Alerta's clients send them (its wire examples), and what they must get.
#include <gmock/gmock.h>

#include "api/api_fixture.h"

namespace sentinella::api {
namespace {

using testing::HasSubstr;

std::string report_of(const std::string& severity, const std::string& event = "HttpServerError") {
  return R"({"environment":"Production","event":")" + event +
         R"(","resource":"web01","service":["example.com"],"severity":")" + severity +
         R"x(","correlate":["HttpServerError","HttpServerOK"],"group":"Web","value":"Bad Gateway (501)",)x"
         R"("text":"Site is down.","tags":["dc1"],"attributes":{"region":"EU"},"origin":"curl",)"
         R"("type":"exceptionAlert","timeout":3600})";
}

class AlertaDoor : public ApiTest {
 protected:
  boost::json::object send_alert(const std::string& body) {
    const auto reply = post("/alerta/alert", body);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return object(reply).at("alert").as_object();
  }
  net::Response put(const std::string& target, const std::string& body) {
    return call("PUT", target, keys[Role::admin], body);
  }
};

TEST_F(AlertaDoor, TheWorkedExampleOfReportsHolds) {
  const auto first = send_alert(report_of("major"));
  EXPECT_EQ(first.at("status"), "open");
  EXPECT_EQ(first.at("duplicateCount"), 0);
  EXPECT_EQ(first.at("repeat"), false);
  EXPECT_EQ(first.at("previousSeverity"), "indeterminate");
  EXPECT_EQ(first.at("trendIndication"), "moreSevere");
  EXPECT_EQ(first.at("history").as_array().at(0).as_object().at("type"), "new");
  const std::string id(first.at("id").as_string());

  const auto again = send_alert(report_of("major"));
  EXPECT_EQ(again.at("id"), id.c_str());
  EXPECT_EQ(again.at("duplicateCount"), 1);
  EXPECT_EQ(again.at("repeat"), true);
  EXPECT_EQ(again.at("history").as_array().size(), 1u) << "the value is the same";

  const auto worse = send_alert(report_of("critical"));
  EXPECT_EQ(worse.at("id"), id.c_str());
  EXPECT_EQ(worse.at("duplicateCount"), 0);
  EXPECT_EQ(worse.at("previousSeverity"), "major");
  EXPECT_EQ(worse.at("trendIndication"), "moreSevere");
  EXPECT_EQ(worse.at("history").as_array().at(0).as_object().at("type"), "severity");

  const auto well = send_alert(report_of("ok", "HttpServerOK"));
  EXPECT_EQ(well.at("id"), id.c_str());
  EXPECT_EQ(well.at("event"), "HttpServerOK");
  EXPECT_EQ(well.at("severity"), "ok");
  EXPECT_EQ(well.at("status"), "closed");
  EXPECT_EQ(well.at("trendIndication"), "lessSevere");

  const auto back = send_alert(report_of("major"));
  EXPECT_EQ(back.at("id"), id.c_str());
  EXPECT_EQ(back.at("status"), "open");
}

TEST_F(AlertaDoor, AnAcknowledgementIsRefusedTwiceAndLiftedByAWorseSeverity) {
  const std::string id(send_alert(report_of("major")).at("id").as_string());
  const auto ack = R"({"action":"ack","text":"on it","timeout":7200})";
  EXPECT_EQ(put("/alerta/alert/" + id + "/action", ack).body, R"({"status":"ok"})");
  EXPECT_EQ(put("/alerta/alert/" + id + "/action", ack).status, 409);
  EXPECT_EQ(send_alert(report_of("critical")).at("status"), "open");
  EXPECT_EQ(put("/alerta/alert/" + id + "/action", ack).status, 200);
  EXPECT_EQ(put("/alerta/alert/" + id + "/action", R"({"action":"shelve"})").status, 200);
  EXPECT_EQ(put("/alerta/alert/" + id + "/action", R"({"action":"unshelve"})").status, 200);
  EXPECT_EQ(object(get("/alerta/alert/" + id)).at("alert").as_object().at("status"), "ack");
}

TEST_F(AlertaDoor, ListsFilterSortAndPage) {
  send_alert(report_of("major"));
  std::string second = report_of("critical", "NodeDown");
  second.replace(second.find("web01"), 5, "web02");
  send_alert(second);
  const auto list =
      object(get("/alerta/alerts?environment=Production&status=open&sort-by=severity&page-size=1"));
  EXPECT_EQ(list.at("status"), "ok");
  EXPECT_EQ(list.at("total"), 2);
  EXPECT_EQ(list.at("pages"), 2);
  EXPECT_EQ(list.at("more"), true);
  EXPECT_EQ(list.at("autoRefresh"), true);
  EXPECT_EQ(list.at("alerts").as_array().at(0).as_object().at("severity"), "critical");
  EXPECT_EQ(list.at("severityCounts").as_object().at("major"), 1);
  EXPECT_EQ(list.at("statusCounts").as_object().at("open"), 2);
  const auto total = [&](const std::string& query) {
    return object(get("/alerta/alerts?" + query)).at("total");
  };
  EXPECT_EQ(total("resource=web01"), 1);
  EXPECT_EQ(total("resource=~WEB"), 2);
  EXPECT_EQ(total("resource!=web01"), 1);
  EXPECT_EQ(total("tags=dc1&event=NodeDown"), 1);
  EXPECT_EQ(total("attributes.region=EU"), 2);
  EXPECT_EQ(total("severity=major&severity=critical"), 2);
  EXPECT_EQ(total("q=nodedown"), 1);
  const auto nothing = object(get("/alerta/alerts?status=closed"));
  EXPECT_EQ(nothing.at("message"), "not found");
  EXPECT_EQ(get("/alerta/alerts?colour=red").status, 400);
  EXPECT_EQ(object(get("/alerta/alerts/count")).at("total"), 2);
  EXPECT_EQ(object(get("/alerta/alerts/top10/count")).at("top10").as_array().size(), 2u);
  EXPECT_EQ(object(get("/alerta/environments")).at("environments").as_array().size(), 1u);
  EXPECT_EQ(object(get("/alerta/services")).at("services").as_array().size(), 1u);
}

TEST_F(AlertaDoor, TagsAttributesAndNotesAreKept) {
  const std::string path =
      "/alerta/alert/" + std::string(send_alert(report_of("major")).at("id").as_string());
  EXPECT_EQ(put(path + "/tag", R"({"tags":["mine"]})").status, 200);
  EXPECT_EQ(put(path + "/untag", R"({"tags":["dc1"]})").status, 200);
  EXPECT_EQ(put(path + "/attributes", R"({"attributes":{"region":null,"room":"7"}})").status, 200);
  EXPECT_EQ(put(path + "/note", R"({"text":"cable"})").status, 201);
  const auto alert = object(get(path)).at("alert").as_object();
  EXPECT_EQ(boost::json::serialize(alert.at("tags")), R"(["mine"])");
  EXPECT_EQ(boost::json::serialize(alert.at("attributes")), R"({"room":"7"})");
  EXPECT_EQ(object(get(path + "/notes")).at("notes").as_array().at(0).as_object().at("text"), "cable");
  EXPECT_EQ(call("DELETE", path, keys[Role::admin]).status, 200);
  EXPECT_EQ(get(path).status, 404);
}

TEST_F(AlertaDoor, RefusalsAreInAlertasWords) {
  const auto refusal = [&](const std::string& body, int status) {
    const auto reply = post("/alerta/alert", body);
    EXPECT_EQ(reply.status, status) << body;
    EXPECT_EQ(text(reply, "status"), "error");
    return text(reply, "message");
  };
  EXPECT_EQ(refusal(R"({"event":"x","environment":"Production","service":["a"]})", 400),
            R"(Missing mandatory value for "resource")");
  EXPECT_EQ(refusal(R"({"event":"x","resource":"r","environment":"Mars","service":["a"]})", 403),
            "[POLICY] Alert environment does not match one of Production, Development");
  EXPECT_EQ(refusal(R"({"event":"x","resource":"r","environment":"Production"})", 403),
            "[POLICY] Alert must define a service");
  EXPECT_THAT(refusal(R"({"event":"x","resource":"r","environment":"Production","service":["a"],
                          "attributes":{"a.b":"c"}})",
                      400),
              HasSubstr("Attribute keys"));
  refusal(R"({"event":"x","resource":"r","environment":"Production","service":["a"],"severity":"awful"})",
          400);
  refusal(R"({"event":"x","resource":"r","environment":"Production","service":["a"],"timeout":-1})", 400);
  EXPECT_EQ(call("POST", "/alerta/alert", keys[Role::admin], report_of("major"), "text/plain").status, 415);
}

TEST_F(AlertaDoor, ABlackoutKeepsTheAlertAndHoldsItsMessagesBack) {
  const auto made =
      post("/alerta/blackout", R"({"environment":"Production","resource":"web01","duration":600})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string id(send_alert(report_of("critical")).at("id").as_string());
  const auto why = object(get("/api/v1/alerts/" + id + "/notifications")).at("why_not_notified").as_array();
  EXPECT_EQ(why.at(0).as_object().at("stage"), "blackout");
  EXPECT_EQ(object(get("/alerta/blackouts")).at("blackouts").as_array().at(0).as_object().at("status"),
            "active");
  EXPECT_EQ(call("DELETE", "/alerta/blackout/" + text(made, "id"), keys[Role::admin]).status, 200);
}

TEST_F(AlertaDoor, ABlackoutHidesNoMoreThanWasAskedFor) {
  const auto refused = [&](const std::string& more) {
    return post("/alerta/blackout", R"({"environment":"Production",)" + more + "}").status;
  };
  EXPECT_EQ(refused(R"("startTime":"2026-03-02T10:00:00.000Z","endTime":"2027-03-02T10:00:00.000Z")"), 400);
  EXPECT_EQ(refused(R"("origin":"elsewhere")"), 201);
  const std::string id(send_alert(report_of("critical")).at("id").as_string());
  const auto why = object(get("/api/v1/alerts/" + id + "/notifications")).at("why_not_notified").as_array();
  ASSERT_EQ(why.size(), 1u);
  EXPECT_EQ(why[0].as_object().at("stage"), "channel")
      << "there is none; and the report is of another origin";
}

TEST_F(AlertaDoor, AHeartbeatThatStaysAwayExpires) {
  const std::string body =
      R"({"origin":"cluster05","timeout":120,"tags":["db"],"attributes":{"environment":"Production"}})";
  const auto made = post("/alerta/heartbeat", body);
  ASSERT_EQ(made.status, 201) << made.body;
  const auto beat = object(made).at("heartbeat").as_object();
  EXPECT_EQ(beat.at("status"), "ok");
  EXPECT_EQ(beat.at("latency"), 0);
  EXPECT_EQ(beat.at("maxLatency"), 2000);
  EXPECT_EQ(beat.at("since"), 0);
  EXPECT_EQ(beat.at("tags").as_array().at(0), "db");
  clock.advance(121s);
  const auto expired = object(get("/alerta/heartbeats?status=expired"));
  EXPECT_EQ(expired.at("total"), 1);
  EXPECT_EQ(object(get("/alerta/heartbeats?status=ok&status=slow")).at("total"), 0);
  EXPECT_EQ(text(post("/alerta/heartbeat", body), "id"), text(made, "id")) << "one origin, one heartbeat";
  EXPECT_EQ(object(get("/alerta/heartbeats")).at("heartbeats").as_array().at(0).as_object().at("status"),
            "ok");
  EXPECT_EQ(object(call("GET", "/alerta/heartbeats", their_admin)).at("total"), 0);
  const std::string path = "/alerta/heartbeat/" + text(made, "id");
  EXPECT_EQ(get(path).status, 200);
  EXPECT_EQ(call("DELETE", path, their_admin).status, 404);
  EXPECT_EQ(call("DELETE", path, keys[Role::admin]).status, 200);
  EXPECT_EQ(get(path).status, 404);
  EXPECT_EQ(post("/alerta/heartbeat", R"({"timeout":5})").status, 400);
}

TEST_F(AlertaDoor, AHeartbeatThatComesLateIsSlowAndOneInAnAlertIsOne) {
  const auto late = post("/alerta/heartbeat", R"({"origin":"a","createTime":"2026-03-02T10:11:02.000Z"})");
  EXPECT_EQ(object(late).at("heartbeat").as_object().at("status"), "slow") << late.body;
  const auto as_alert = post(
      "/alerta/alert", R"({"event":"Heartbeat","resource":"r","origin":"b","environment":"Production"})");
  EXPECT_EQ(as_alert.status, 202) << as_alert.body;
  EXPECT_EQ(object(get("/alerta/heartbeats")).at("total"), 2);
  EXPECT_EQ(object(get("/alerta/alerts")).at("total"), 0);
}

TEST_F(AlertaDoor, ManyAreChangedAtOnceByTheSameFilters) {
  for (const char* resource : {"web01", "web02", "db01"})
    send_alert(R"({"environment":"Production","event":"Slow","resource":")" + std::string(resource) +
               R"(","service":["a"],"severity":"major"})");
  const auto acted = put("/alerta/_bulk/alerts/action?resource=~web", R"({"action":"ack","text":"on it"})");
  ASSERT_EQ(acted.status, 202) << acted.body;
  EXPECT_EQ(get(std::string(acted.headers.get("Location"))).status, 200);
  EXPECT_EQ(object(get("/alerta/alerts?status=ack")).at("total"), 2);
  EXPECT_EQ(object(put("/alerta/_bulk/alerts/tag?status=ack", R"({"tags":["night"]})")).at("count"), 2);
  EXPECT_EQ(object(get("/alerta/alerts?tags=night")).at("total"), 2);
  EXPECT_EQ(object(put("/alerta/_bulk/alerts/untag?status=ack", R"({"tags":["night"]})")).at("count"), 2);
  EXPECT_EQ(
      object(put("/alerta/_bulk/alerts/attributes?q=db01", R"({"attributes":{"region":"EU"}})")).at("count"),
      1);
  EXPECT_EQ(object(put("/alerta/_bulk/alerts/status?resource=db01", R"({"status":"closed"})")).at("count"),
            1);
  EXPECT_EQ(put("/alerta/_bulk/alerts/status", R"({"status":"closed"})").status, 400)
      << "of everything at once";
  EXPECT_EQ(call("DELETE", "/alerta/_bulk/alerts?resource=~web", keys[Role::admin]).status, 200);
  EXPECT_EQ(object(get("/alerta/alerts")).at("total"), 1);
}

TEST_F(AlertaDoor, TheClientStartsAtTheConfigurationAndTakesAKey) {
  EXPECT_EQ(object(call("GET", "/alerta/config", "")).at("severity").as_object().at("critical"), 1);
  net::Request request;
  request.method = "GET";
  request.path = "/alerta/alerts";
  request.headers.set("Authorization", "Key " + keys[Role::viewer]);
  EXPECT_EQ(send(std::move(request)).status, 200);
}

TEST_F(AlertaDoor, ABlackoutIsReadAndChanged) {
  const auto made =
      object(post("/alerta/blackout", R"({"environment":"Production","resource":"web01","duration":600})"));
  const std::string path = "/alerta/blackout/" + std::string(made.at("id").as_string());
  EXPECT_EQ(object(get(path)).at("blackout").as_object().at("resource"), "web01");
  const auto changed = put(path, R"({"environment":"Production","resource":"web02","text":"new disk"})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  const auto now = object(get(path)).at("blackout").as_object();
  EXPECT_EQ(now.at("resource"), "web02");
  EXPECT_EQ(now.at("text"), "new disk");
  EXPECT_EQ(now.at("duration"), 600);
  EXPECT_EQ(put(path, R"({"resource":"web02"})").status, 400);
  EXPECT_EQ(get("/alerta/blackout/none").status, 404);
}

TEST_F(AlertaDoor, ABlackoutThatAlertaHasNoWordsForIsNotChanged) {
  const auto status_of = [&](const std::string& matcher, const std::string& more) {
    const auto made =
        post("/api/v1/maintenances", R"({"kind":"blackout","matchers":[{)" + matcher +
                                         R"(}],"reason":"backup","duration":"30d")" + more + "}");
    EXPECT_EQ(made.status, 201) << made.body;
    return put("/alerta/blackout/" + text(made, "id"), R"({"environment":"Production"})").status;
  };
  const std::string plain = R"("name":"environment","value":"Production")";
  EXPECT_EQ(status_of(plain, ""), 200);
  EXPECT_EQ(status_of(plain, R"(,"recurrence":{"weekdays":["sun"],"start":"02:00","length":"1h"})"), 409);
  EXPECT_EQ(status_of(plain + R"(,"isRegex":true)", ""), 409);
  EXPECT_EQ(status_of(plain + R"(},{"name":"event","value":"X","isEqual":false)", ""), 409);
  EXPECT_EQ(status_of(R"("name":"host","value":"compute1")", ""), 409);
}

TEST_F(AlertaDoor, GroupsTagsAndTheTopOfAnyNumberAreCounted) {
  send_alert(report_of("major"));
  const auto groups = object(get("/alerta/alerts/groups")).at("groups").as_array();
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].as_object().at("group"), "Web");
  EXPECT_EQ(object(get("/alerta/alerts/tags")).at("tags").as_array().at(0).as_object().at("tag"), "dc1");
  EXPECT_EQ(get("/alerta/alerts/topn/count").body, get("/alerta/alerts/top10/count").body);
  EXPECT_EQ(get("/alerta/alerts/topn/standing").status, 200);
}

TEST_F(AlertaDoor, TheClientLearnsWhoItIsAndWhatItMay) {
  const auto me = object(call("GET", "/alerta/userinfo", keys[Role::operator_]));
  EXPECT_EQ(me.at("preferred_username"), "operator");
  EXPECT_EQ(me.at("scope"), "read write");
  EXPECT_EQ(object(get("/alerta/user/me")).at("user").as_object().at("roles").as_array().at(0), "admin");
  EXPECT_EQ(object(get("/alerta/perms")).at("total"), 4);
  EXPECT_FALSE(object(get("/alerta/scopes")).at("scopes").as_array().empty());
  EXPECT_TRUE(object(get("/alerta/groups")).at("groups").as_array().empty());
  EXPECT_TRUE(object(get("/alerta/customers")).at("customers").as_array().empty());
  EXPECT_EQ(get("/alerta/users").status, 200);
  EXPECT_EQ(call("GET", "/alerta/users", keys[Role::operator_]).status, 403);
}

TEST_F(AlertaDoor, AKeyIsMadeWithTheLeastRoleThatItsScopesNeedAndRevoked) {
  const auto made =
      post("/alerta/key", R"({"user":"kim","scopes":["read","write:alerts"],"text":"shipper"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string key = text(made, "key");
  const auto data = object(made).at("data").as_object();
  EXPECT_EQ(data.at("text"), "shipper");
  EXPECT_EQ(call("POST", "/alerta/alert", key, report_of("major")).status, 201);
  EXPECT_EQ(call("GET", "/alerta/keys", key).status, 403);
  const auto listed = get("/alerta/keys");
  EXPECT_EQ(listed.body.find(key), std::string::npos) << "shown once";
  const std::string path = "/alerta/key/" + std::string(data.at("id").as_string());
  EXPECT_EQ(get(path).status, 200);
  EXPECT_EQ(call("DELETE", path, keys[Role::admin]).status, 200);
  EXPECT_EQ(get(path).status, 404);
  EXPECT_EQ(post("/alerta/key", R"({"scopes":["fly"]})").status, 400);
}

TEST_F(AlertaDoor, AWebhookOfAlertmanagerOrGrafanaTakesWhatIsGoodAndSaysWhatIsNot) {
  const std::string firing =
      R"({"status":"firing","labels":{"alertname":"DiskFull","instance":"db1:9100","severity":"critical"},)"
      R"("annotations":{"summary":"full"},"startsAt":"2026-03-02T10:00:00Z","endsAt":"0001-01-01T00:00:00Z"})";
  const auto taken =
      post("/alerta/webhooks/prometheus", R"({"version":"4","alerts":[)" + firing + R"(,{"labels":{}}]})");
  EXPECT_EQ(taken.status, 400) << taken.body;
  EXPECT_EQ(object(taken).at("taken"), 1);
  EXPECT_EQ(object(taken).at("refused").as_array().at(0).as_object().at("index"), 1);
  const auto raised = alerts->live(ours);
  ASSERT_EQ(raised.size(), 1u);
  EXPECT_EQ(raised[0].event, "DiskFull");
  clock.advance(1h);
  need(report({}));
  EXPECT_EQ(alerts->live(ours).size(), 1u) << "nobody posts it again within hours";

  std::string resolved = firing;
  resolved.replace(resolved.find("firing"), 6, "resolved");
  EXPECT_EQ(post("/alerta/webhooks/grafana", R"({"alerts":[)" + resolved + "]}").status, 201);
  EXPECT_TRUE(alerts->live(ours).empty());
  EXPECT_EQ(post("/alerta/webhooks/grafana", R"({"alerts":7})").status, 400);
}

}  // namespace
}  // namespace sentinella::api
