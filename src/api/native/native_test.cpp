// The native API over real stores; every answer is also held against openapi.json by the fixture.
#include "api/api_fixture.h"

#include <gmock/gmock.h>

#include "catalog/inventory.h"

namespace sentinella::api {
namespace {

using testing::HasSubstr;

constexpr const char* kRule = R"(id: ours-rule
kind: tailable
event: Boom
tier: info
summary: something went boom
match: {pattern: boom}
)";

class NativeApi : public ApiTest {
 protected:
  std::string error_field(const net::Response& response) {
    return std::string(object(response).at("error").at("field").as_string());
  }
  net::Response as(Role role, const std::string& method, const std::string& target,
                   const std::string& body = "") {
    return call(method, target, keys[role], body);
  }
};

TEST_F(NativeApi, LoginGivesTokensThatWorkAndACookieThatScriptsCannotRead) {
  ASSERT_EQ(
      post("/api/v1/users", R"({"name":"ana","password":"correct horse battery","role":"operator"})").status,
      201);
  const auto login =
      call("POST", "/api/v1/auth/login", "", R"({"name":"ana","password":"correct horse battery"})");
  ASSERT_EQ(login.status, 200);
  const auto cookie = std::string(login.headers.get("Set-Cookie"));
  EXPECT_THAT(cookie, HasSubstr("HttpOnly; SameSite=Strict"));
  EXPECT_THAT(cookie, HasSubstr("Path=/api/v1/auth;"));
  const auto me = object(call("GET", "/api/v1/auth/me", text(login, "access_token")));
  EXPECT_EQ(me.at("name"), "ana");
  EXPECT_EQ(me.at("account"), "ours");

  net::Request refresh;
  refresh.method = "POST";
  refresh.path = "/api/v1/auth/refresh";
  refresh.headers.set("Cookie", "other=1; " + cookie.substr(0, cookie.find(';')));
  const auto renewed = send(refresh);
  ASSERT_EQ(renewed.status, 200);
  EXPECT_NE(text(renewed, "refresh_token"), text(login, "refresh_token"));
  const auto sessions = items(call("GET", "/api/v1/sessions", text(renewed, "access_token")));
  EXPECT_EQ(sessions.size(), 1u);

  const auto out = call("POST", "/api/v1/auth/logout", "",
                        R"({"refresh_token":")" + text(renewed, "refresh_token") + "\"}");
  EXPECT_EQ(out.status, 204);
  EXPECT_THAT(std::string(out.headers.get("Set-Cookie")), HasSubstr("Max-Age=0"));
  EXPECT_EQ(call("POST", "/api/v1/auth/refresh", "",
                 R"({"refresh_token":")" + text(renewed, "refresh_token") + "\"}")
                .status,
            401);
}

TEST_F(NativeApi, AWrongPasswordAndAnUnknownNameLookTheSame) {
  post("/api/v1/users", R"({"name":"ana","password":"correct horse battery","role":"viewer"})");
  const auto message = [&](const std::string& name) {
    const auto answer =
        call("POST", "/api/v1/auth/login", "", R"({"name":")" + name + R"(","password":"wrong"})");
    EXPECT_EQ(answer.status, 401);
    return object(answer).at("error").at("message");
  };
  EXPECT_EQ(message("ana"), message("nobody"));
  EXPECT_EQ(call("POST", "/api/v1/auth/refresh", "").status, 401);
  EXPECT_EQ(call("POST", "/api/v1/auth/link", "", R"({"token":"snl_guess"})").status, 401);
}

TEST_F(NativeApi, AnAgentEnrolsAndGetsATokenThatOnlySends) {
  const auto key = text(call("POST", "/api/v1/account-key/rotate", keys[Role::admin]), "account_key");
  const auto enrolled = call("POST", "/api/v1/agents/enrol", "",
                             R"({"secret":")" + key + R"(","host":"compute1","machine_id":"m1"})");
  ASSERT_EQ(enrolled.status, 201);
  const auto token = call("POST", "/api/v1/agents/token", "",
                          R"({"agent_id":")" + text(enrolled, "agent_id") + R"(","agent_key":")" +
                              text(enrolled, "agent_key") + "\"}");
  ASSERT_EQ(token.status, 200);
  EXPECT_EQ(send_log(text(token, "access_token"), "hello").status, 200);
  EXPECT_EQ(call("GET", "/api/v1/alerts", text(token, "access_token")).status, 403);
  ASSERT_EQ(items(get("/api/v1/agents")).size(), 1u);
  EXPECT_EQ(call("DELETE", "/api/v1/agents/" + text(enrolled, "agent_id"), keys[Role::operator_]).status,
            204);
  EXPECT_EQ(items(get("/api/v1/agents"))[0].at("revoked"), true);
  const auto once = text(post("/api/v1/enrolment-tokens", ""), "token");
  const auto body = R"({"secret":")" + once + R"(","host":"h","machine_id":"m2"})";
  EXPECT_EQ(call("POST", "/api/v1/agents/enrol", "", body).status, 201);
  EXPECT_EQ(call("POST", "/api/v1/agents/enrol", "", body).status, 401);
  EXPECT_EQ(text(post("/api/v1/enrolment-tokens", R"({"life":"2h"})"), "expires"),
            to_rfc3339(clock.now() + 2h));
  EXPECT_EQ(text(post("/api/v1/enrolment-tokens", ""), "certificate_sha256"), "");
  context->certificate_sha256 = [] { return std::string(64, 'a'); };
  EXPECT_EQ(text(post("/api/v1/enrolment-tokens", ""), "certificate_sha256"), std::string(64, 'a'));
  for (const auto* life : {"0s", "31d", "soon"})
    EXPECT_EQ(post("/api/v1/enrolment-tokens", fmt::format(R"({{"life":"{}"}})", life)).status, 400) << life;
}

TEST_F(NativeApi, TheOverviewSaysWhatIsWrongInASentence) {
  EXPECT_EQ(text(get("/api/v1/overview"), "verdict"), "No node has reported yet.");
  ASSERT_EQ(send_log(keys[Role::operator_], "hello").status, 200);
  const auto alert = raise(ours, "compute1");
  const auto overview = object(get("/api/v1/overview"));
  EXPECT_EQ(overview.at("verdict"), "compute1 is silent; 1 open alert.");
  EXPECT_TRUE(overview.at("cause").is_null());
  EXPECT_TRUE(overview.at("watch").at("checked").is_null());
  EXPECT_EQ(overview.at("counts").at("critical"), 1);
  EXPECT_EQ(overview.at("nodes").as_array().size(), 1u);
  EXPECT_EQ(items(get("/api/v1/nodes")).size(), 1u);
  EXPECT_EQ(get("/api/v1/services").status, 200);
}

TEST_F(NativeApi, AlertsAreListedReadAndActedOn) {
  const auto alert = raise(ours, "compute1");
  ASSERT_EQ(items(get("/api/v1/alerts")).size(), 1u);
  EXPECT_EQ(items(get("/api/v1/alerts?status=closed")).size(), 0u);
  EXPECT_EQ(items(get("/api/v1/alerts?severity=critical&host=compute1&status=open")).size(), 1u);
  EXPECT_EQ(error_field(get("/api/v1/alerts?severity=awful")), "severity");

  const auto page = object(get("/api/v1/alerts/" + alert.id));
  EXPECT_EQ(page.at("alert").at("id").as_string(), alert.id);
  EXPECT_EQ(page.at("series").as_array()[0], "service_cpu_used_ratio");

  const auto actions = "/api/v1/alerts/" + alert.id + "/actions";
  EXPECT_EQ(as(Role::viewer, "POST", actions, R"({"action":"ack"})").status, 403);
  EXPECT_EQ(text(as(Role::responder, "POST", actions, R"({"action":"ack","text":"on it"})"), "status"),
            "ack");
  EXPECT_EQ(error_field(post(actions, R"({"action":"note"})")), "text");
  EXPECT_EQ(error_field(post(actions, R"({"action":"dance"})")), "action");
  EXPECT_EQ(text(post(actions, R"({"action":"close"})"), "status"), "closed");
  EXPECT_EQ(post(actions, R"({"action":"ack"})").status, 409);
}

TEST_F(NativeApi, WhatChangedBeforeAnAlertSaysWhyItIsNamed) {
  runs_on("controller", "rabbitmq-server");
  const auto deploy = [&](const std::string& credential, const std::string& summary,
                          const std::string& host) {
    clock.advance(1s);
    const auto body = R"({"type":"deploy","summary":")" + summary + R"(","host":")" + host + R"("})";
    ASSERT_EQ(call("POST", "/api/v1/changes", credential, body).status, 201);
  };
  const auto& admin = keys[Role::admin];
  deploy(admin, "own, early", "compute1");
  deploy(admin, "own, late", "compute1");
  deploy(admin, "broker", "controller");
  deploy(admin, "another", "compute9");
  deploy(admin, "everything", "");
  deploy(their_admin, "theirs", "");
  ASSERT_EQ(post("/api/v1/boards", R"({"name":"Night","body":{"panels":[]}})").status, 201);
  const auto alert = raise(ours, "compute1");
  std::vector<std::string> found;
  for (const auto& change : object(get("/api/v1/alerts/" + alert.id)).at("changes").as_array())
    found.push_back(std::string(change.at("summary").as_string()) + ": " +
                    std::string(change.at("why").as_string()));
  EXPECT_THAT(found,
              testing::ElementsAre("own, late: same host", "own, early: same host",
                                   "broker: on a host it needs: rabbitmq-server", "everything: whole cloud"));
}

TEST_F(NativeApi, ManyAlertsAreListedAsRowsAndActedOnTogether) {
  const auto first = raise(ours, "compute1");
  const auto second = raise(ours, "compute2");
  const auto list = object(get("/api/v1/alert-rows?folded=1&sort=-age&page_size=1"));
  EXPECT_EQ(list.at("items").as_array().size(), 1u);
  EXPECT_EQ(list.at("total"), 2);
  EXPECT_EQ(list.at("matching"), 2);
  EXPECT_EQ(error_field(get("/api/v1/alert-rows?sort=colour")), "sort");

  const auto body = R"({"action":"ack","ids":[")" + first.id + R"(","no-such"]})";
  EXPECT_EQ(as(Role::viewer, "POST", "/api/v1/alert-actions", body).status, 403);
  const auto done = object(as(Role::responder, "POST", "/api/v1/alert-actions", body));
  EXPECT_EQ(done.at("done"), 1);
  EXPECT_EQ(done.at("refused").as_array().size(), 1u);
  EXPECT_EQ(items(get("/api/v1/alert-rows?status=ack")).size(), 1u);
  EXPECT_EQ(error_field(post("/api/v1/alert-actions", R"({"action":"ack","ids":[]})")), "ids");
  EXPECT_EQ(items(get("/api/v1/alert-rows?status=open&host=" + second.host)).size(), 1u);
}

TEST_F(NativeApi, WhatStoodInASpanIsListedAndItsBeginningsAreCounted) {
  raise(ours, "compute1");
  clock.advance(std::chrono::hours(3));
  raise(ours, "compute2");
  EXPECT_EQ(items(get("/api/v1/alert-rows?from=now-2h&to=now-1h")).size(), 1u);
  EXPECT_EQ(items(get("/api/v1/alert-rows?from=now-2h")).size(), 2u);
  EXPECT_EQ(error_field(get("/api/v1/alert-rows?from=teatime")), "from");
  const auto strip = object(get("/api/v1/alert-history?from=now-4h&to=now&buckets=4"));
  EXPECT_EQ(strip.at("step_seconds").to_number<double>(), 3600);
  std::vector<std::int64_t> opened;
  for (const auto& one : strip.at("buckets").as_array()) opened.push_back(one.at("opened").to_number<int>());
  EXPECT_THAT(opened, testing::ElementsAre(0, 1, 0, 1));
  EXPECT_EQ(error_field(get("/api/v1/alert-history?buckets=501")), "buckets");
  EXPECT_EQ(get("/api/v1/alert-history?page=1").status, 400);
}

TEST_F(NativeApi, TheOverviewSaysHowFarTheRulesHaveSeenAndHowManyThereAre) {
  const auto watch = [&] { return object(get("/api/v1/overview")).at("watch").as_object(); };
  const auto before = watch().at("rules").to_number<int>();
  EXPECT_EQ(call("POST", "/api/v1/rules", keys[Role::admin],
                 "id: watched\nkind: tailable\nevent: X\ntier: info\nsummary: s\nmatch: {pattern: x}\n",
                 "application/yaml")
                .status,
            201);
  evaluated = clock.now();
  EXPECT_EQ(watch().at("rules"), before + 1);
  EXPECT_EQ(watch().at("checked").as_string(), "2026-03-02T10:11:12.000Z");
}

TEST_F(NativeApi, AnAlertOfANumberSaysWhatTheNumberWasComparedWith) {
  const auto made = call("POST", "/api/v1/rules", keys[Role::admin],
                         "id: service-down\nkind: gauge\nevent: X\ntier: info\nsummary: s\n"
                         "expr: avg(host_processes_blocked[5m])\n"
                         "levels:\n  warning: {set: '> 4'}\n  critical: {set: '> 8', clear: '< 6'}\n",
                         "application/yaml");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto id = raise(ours, "compute1").id;
  const auto threshold = object(get("/api/v1/alerts/" + id)).at("threshold").as_object();
  EXPECT_EQ(threshold.at("expression").as_string(),
            "avg by (host, service) "
            "(avg_over_time(host_processes_blocked{host=\"compute1\",service=\"nova-compute\"}[5m]))");
  EXPECT_EQ(threshold.at("compare").as_string(), ">");
  EXPECT_EQ(threshold.at("labels").at("host").as_string(), "compute1");
  EXPECT_EQ(threshold.at("levels").as_array().size(), 2u);
}

TEST_F(NativeApi, TheTrendOfHusbandryCountsAlertsByTheWeekTheyBeganIn) {
  const auto first = raise(ours, "compute1");
  clock.advance(std::chrono::minutes(10));
  post("/api/v1/alerts/" + first.id + "/actions", R"({"action":"ack"})");
  clock.advance(std::chrono::hours(24 * 8));
  raise(ours, "compute2");
  const auto trend = object(get("/api/v1/rules/report/weeks?weeks=2"));
  ASSERT_EQ(trend.at("items").as_array().size(), 2u);
  const auto week = [&](std::size_t i) { return trend.at("items").as_array()[i].as_object(); };
  EXPECT_EQ(week(0).at("episodes"), 1);
  EXPECT_EQ(week(0).at("acted_share").to_number<double>(), 1);
  EXPECT_EQ(week(0).at("median_seconds_until_taken").to_number<double>(), 600);
  EXPECT_TRUE(week(0).at("median_seconds_until_over").is_null());
  EXPECT_EQ(week(1).at("episodes"), 1);
  EXPECT_EQ(week(1).at("acted_share").to_number<double>(), 0);
  EXPECT_EQ(error_field(get("/api/v1/rules/report/weeks?weeks=53")), "weeks");
}

TEST_F(NativeApi, AnActionIsSeenOnTheLiveStream) {
  struct Writer : net::StreamWriter {
    bool write(std::string chunk) override { return text += chunk, true; }
    void close() override {}
    bool open() const override { return true; }
    std::string text;
  };
  const auto alert = raise(ours, "compute1");
  const auto answer = get("/api/v1/stream?topics=alerts,changes");
  ASSERT_TRUE(answer.stream);
  const auto writer = std::make_shared<Writer>();
  answer.stream(writer);
  post("/api/v1/alerts/" + alert.id + "/actions", R"({"action":"ack"})");
  EXPECT_THAT(writer->text, HasSubstr("event: hello"));
  EXPECT_THAT(writer->text, HasSubstr("\"transition\":\"ack\""));
  EXPECT_EQ(error_field(get("/api/v1/stream?topics=weather")), "topics");
}

TEST_F(NativeApi, AChangeIsReadableAtOnceAndKnowsWhoSaidIt) {
  const auto made =
      post("/api/v1/changes",
           R"({"type":"deploy","summary":"nova 29.1","host":"compute1","traits":{"version":"29.1"}})");
  ASSERT_EQ(made.status, 201);
  const auto found = items(get("/api/v1/changes?type=dep*&host=compute1"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].at("id").as_string(), text(made, "id"));
  EXPECT_EQ(found[0].at("traits").at("user"), "admin");
  EXPECT_EQ(error_field(post("/api/v1/changes", R"({"type":"deploy"})")), "summary");
  EXPECT_EQ(error_field(post("/api/v1/changes", R"({"type":"d","summary":"s","traits":{"a":1}})")),
            "traits.a");
  EXPECT_EQ(error_field(post("/api/v1/changes", R"({"type":"d","summary":"s","time":"soon"})")), "time");
}

TEST_F(NativeApi, LogsArePagedByACursor) {
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(send_log(keys[Role::operator_], "line " + std::to_string(i)).status, 200);
  settle();
  const auto first = object(get("/api/v1/logs/search?limit=2&order=asc"));
  ASSERT_EQ(first.at("items").as_array().size(), 2u);
  ASSERT_TRUE(first.at("next_cursor").is_string());
  const auto rest = object(get("/api/v1/logs/search?limit=2&order=asc&cursor=" +
                               net::percent_encode(std::string(first.at("next_cursor").as_string()))));
  ASSERT_EQ(rest.at("items").as_array().size(), 1u);
  EXPECT_TRUE(rest.at("next_cursor").is_null());
  const auto id = std::string(rest.at("items").as_array()[0].at("id").as_string());
  EXPECT_EQ(text(get("/api/v1/logs/" + id), "raw"), "line 2");
  EXPECT_EQ(get("/api/v1/logs/999999-0").status, 404);
  EXPECT_EQ(get("/api/v1/logs/nonsense").status, 404);
  EXPECT_EQ(error_field(get("/api/v1/logs/search?order=sideways")), "order");
  EXPECT_EQ(error_field(get("/api/v1/logs/search?template_id=xyz")), "template_id");
}

TEST_F(NativeApi, SamplesNeedAMetricAndTakeAnyLabel) {
  EXPECT_EQ(error_field(get("/api/v1/samples")), "metric");
  EXPECT_EQ(error_field(get("/api/v1/samples?metric=m&max_points=0")), "max_points");
  EXPECT_EQ(error_field(get("/api/v1/samples?metric=m&not-a-label=1")), "not-a-label");
  EXPECT_TRUE(object(get("/api/v1/samples?metric=m&device=sda")).at("series").as_array().empty());
  EXPECT_EQ(items(get("/api/v1/series")).size(), 0u);
}

TEST_F(NativeApi, ARuleIsEditedAgainstTheVersionThatWasRead) {
  const auto made = call("POST", "/api/v1/rules", keys[Role::operator_], kRule, "application/yaml");
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(reloads, 1);
  EXPECT_EQ(text(made, "event"), "Boom");
  EXPECT_EQ(call("POST", "/api/v1/rules", keys[Role::operator_], kRule, "application/yaml").status, 409);

  JsonWriter edit;
  edit.object().field("yaml", kRule).field("enabled", false).field("version", 1).end();
  EXPECT_EQ(object(as(Role::operator_, "PUT", "/api/v1/rules/ours-rule", edit.str())).at("version"), 2);
  EXPECT_EQ(as(Role::operator_, "PUT", "/api/v1/rules/ours-rule", edit.str()).status, 409);
  EXPECT_EQ(reloads, 2);
  EXPECT_EQ(object(get("/api/v1/rules/ours-rule")).at("enabled"), false);

  const auto bad = call("POST", "/api/v1/rules", keys[Role::operator_], "id: x\nkind: gauge\nexprr: 1\n",
                        "application/yaml");
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.body, HasSubstr("exprr"));
  EXPECT_EQ(as(Role::operator_, "DELETE", "/api/v1/rules/ours-rule").status, 204);
  EXPECT_EQ(reloads, 3);
  EXPECT_EQ(get("/api/v1/rules/ours-rule").status, 404);
}

TEST_F(NativeApi, AChannelsSecretIsNeverShownAndSurvivesAnEdit) {
  const auto made =
      post("/api/v1/channels",
           R"({"name":"hook","kind":"webhook","settings":{"url":"http://127.0.0.1:9/x","secret":"s3cr3t"}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.body.find("s3cr3t"), std::string::npos);
  const auto path = "/api/v1/channels/" + text(made, "id");
  JsonWriter edit;
  edit.object().field("name", "renamed").field("kind", "webhook").key("settings");
  edit.raw(boost::json::serialize(object(get(path)).at("settings"))).end();
  EXPECT_EQ(text(call("PUT", path, keys[Role::admin], edit.str()), "name"), "renamed");
  std::string stored;
  need(database->read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto channel, catalog::find_channel(tx, ours, text(made, "id")));
    stored = channel.settings;
    return {};
  }));
  EXPECT_THAT(stored, HasSubstr("s3cr3t"));
  EXPECT_EQ(object(post(path + "/test", "")).at("ok"), false);
  EXPECT_EQ(items(get(path + "/deliveries")).size(), 0u);
  EXPECT_EQ(error_field(post("/api/v1/channels", R"({"name":"x","kind":"pigeon","settings":{}})")), "kind");
  EXPECT_EQ(as(Role::operator_, "DELETE", path).status, 403);
  EXPECT_EQ(as(Role::admin, "DELETE", path).status, 204);
}

TEST_F(NativeApi, NodesAreClassifiedIntoClouds) {
  ASSERT_EQ(send_log(keys[Role::operator_], "hello").status, 200);
  const auto cloud = post("/api/v1/clouds", R"({"name":"madrid"})");
  ASSERT_EQ(cloud.status, 201);
  EXPECT_EQ(post("/api/v1/clouds", R"({"name":"madrid"})").status, 409);
  const auto node =
      as(Role::operator_, "PUT", "/api/v1/nodes/compute1", R"({"cloud_id":")" + text(cloud, "id") + "\"}");
  EXPECT_EQ(text(node, "cloud"), "madrid");
  EXPECT_EQ(as(Role::operator_, "PUT", "/api/v1/nodes/nowhere", R"({"cloud_id":""})").status, 404);
  EXPECT_EQ(items(get("/api/v1/clouds")).size(), 1u);
  as(Role::operator_, "PUT", "/api/v1/nodes/compute1", R"({"cloud_id":""})");
  EXPECT_EQ(as(Role::operator_, "DELETE", "/api/v1/clouds/" + text(cloud, "id")).status, 204);
}

TEST_F(NativeApi, TheLastAdminCannotBeLost) {
  const auto admin = text(
      post("/api/v1/users", R"({"name":"boss","password":"correct horse battery","role":"admin"})"), "id");
  EXPECT_EQ(call("DELETE", "/api/v1/users/" + admin, keys[Role::admin]).status, 409);
  EXPECT_EQ(call("PUT", "/api/v1/users/" + admin, keys[Role::admin], R"({"role":"viewer"})").status, 409);
  post("/api/v1/users", R"({"name":"deputy","password":"correct horse battery","role":"admin"})");
  EXPECT_EQ(text(call("PUT", "/api/v1/users/" + admin, keys[Role::admin], R"({"role":"viewer"})"), "role"),
            "viewer");
  EXPECT_EQ(call("DELETE", "/api/v1/users/" + admin, keys[Role::admin]).status, 204);
  EXPECT_EQ(items(get("/api/v1/users")).size(), 1u);
  EXPECT_EQ(post("/api/v1/users", R"({"name":"x","password":"short","role":"viewer"})").status, 400);
}

TEST_F(NativeApi, OnlyAServerAdministratorTouchesServerAdministrators) {
  const auto root =
      need(authenticator->create_user(ours, "root", "correct horse battery", Role::admin, true));
  EXPECT_EQ(call("PUT", "/api/v1/users/" + root.id, keys[Role::admin],
                 R"({"role":"admin","password":"taken over!!!"})")
                .status,
            403);
  EXPECT_EQ(call("DELETE", "/api/v1/users/" + root.id, keys[Role::admin]).status, 403);
  EXPECT_EQ(get("/api/v1/accounts").status, 403);

  const auto token =
      need(authenticator->login("root", "correct horse battery", "192.0.2.1", "test")).access_token;
  const auto body = R"({"name":"third","admin_user":"third-admin","admin_password":"correct horse battery"})";
  EXPECT_EQ(call("POST", "/api/v1/accounts", token, body).status, 201);
  EXPECT_EQ(call("POST", "/api/v1/accounts", token, body).status, 409);
  EXPECT_EQ(items(call("GET", "/api/v1/accounts", token)).size(), 3u);
}

TEST_F(NativeApi, AKeyIsShownOnceAndWorksUntilItIsDeleted) {
  const auto made = post("/api/v1/keys", R"({"name":"grafana","role":"viewer","expires":"now+90d"})");
  ASSERT_EQ(made.status, 201);
  const auto key = text(made, "key");
  EXPECT_EQ(call("GET", "/api/v1/auth/me", key).status, 200);
  EXPECT_EQ(get("/api/v1/keys").body.find(key), std::string::npos);
  EXPECT_EQ(call("DELETE", "/api/v1/keys/" + text(made, "id"), keys[Role::admin]).status, 204);
  clock.advance(std::chrono::seconds(10));
  EXPECT_EQ(call("GET", "/api/v1/auth/me", key).status, 401);
  EXPECT_EQ(error_field(post("/api/v1/keys", R"({"name":"x","role":"viewer","expires":"now-1d"})")),
            "expires");
  EXPECT_EQ(error_field(post("/api/v1/keys", R"({"name":"x","role":"king"})")), "role");
  EXPECT_EQ(
      call("POST", "/api/v1/auth/password", keys[Role::viewer], R"({"password":"correct horse battery"})")
          .status,
      403);
}

TEST_F(NativeApi, TheServerTellsAboutItself) {
  EXPECT_EQ(text(get("/api/v1/status"), "version"), "1.2.3");
  EXPECT_EQ(call("GET", "/healthz", "").status, 200);
  EXPECT_EQ(call("GET", "/readyz", "").status, 200);
  context->ready = [] { return false; };
  EXPECT_EQ(call("GET", "/readyz", "").status, 503);
  const auto metrics = call("GET", "/metrics", "");
  EXPECT_THAT(metrics.body, HasSubstr("sentinella_http_answers_total{class=\"2xx\"}"));
  EXPECT_THAT(metrics.body, HasSubstr("sentinella_journal_bytes"));
  EXPECT_EQ(object(call("GET", "/api/v1/openapi.json", "")).at("openapi"), "3.1.0");
}

TEST_F(NativeApi, AnUnknownParameterIsRefusedEverywhere) {
  for (const auto& route : all_routes()) {
    const std::string path(route.pattern);
    if (route.method != "GET" || path.find('{') != std::string::npos || !path.starts_with("/api/v1/"))
      continue;
    if (path == "/api/v1/openapi.json" || path == "/api/v1/samples" || route.access == Access::server_admin)
      continue;
    const auto answer = get(path + "?colour-of-the-sky=blue");
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_EQ(error_field(answer), "colour-of-the-sky") << path;
  }
}

}  // namespace
}  // namespace sentinella::api
