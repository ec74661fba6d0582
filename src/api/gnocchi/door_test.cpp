#include "api/gnocchi/door.h"

#include <thread>

#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "api/gnocchi/expiry.h"
#include "api/gnocchi/resource_id.h"
#include "api/gnocchi/statsd.h"

namespace sentinella::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class GnocchiDoorTest : public ApiTest {
 protected:
  GnocchiDoorTest() { open({}); }
  ~GnocchiDoorTest() override { intake.reset(); }

  void open(gnocchi::Options options) {
    registry = need(catalog::ResourceRegistry::load(*database));
    doors.push_back(std::make_unique<gnocchi::Door>(*context, *registry, std::move(options)));
    router = std::make_unique<Router>(*context, all_routes(), nullptr);
    router->mount("/gnocchi", [door = doors.back().get()](net::Request request, net::Respond respond) {
      door->handle(std::move(request), "/gnocchi", std::move(respond));
    });
  }
  net::Response ask(const std::string& method, const std::string& target, const std::string& body = "",
                    Role role = Role::admin) {
    net::Request request;
    request.method = method;
    request.path = "/gnocchi" + target.substr(0, target.find('?'));
    if (target.contains('?')) request.query = target.substr(target.find('?') + 1);
    request.peer = "127.0.0.1";
    request.headers.set("Host", "h:1");
    request.headers.set("X-Auth-Token", keys[role]);
    request.headers.set("Accept", "application/json");
    if (!body.empty()) request.headers.set("Content-Type", "application/json");
    request.body = body;
    return send(std::move(request));
  }
  /// A metric with a policy of one roll-up, and its id.
  std::string make_metric(const std::string& definition = R"([{"granularity": "1 minute"}])",
                          const std::string& methods = R"(["mean", "max", "rate:mean", "count", "last"])") {
    ask("POST", "/v1/archive_policy",
        R"({"name": "p", "definition": )" + definition + R"(, "aggregation_methods": )" + methods + "}");
    const auto made = ask("POST", "/v1/metric", R"({"archive_policy_name": "p", "name": "cpu.util"})");
    EXPECT_EQ(made.status, 201) << made.body;
    return text(made, "id");
  }
  std::string measures(const std::string& id, const std::string& query = "") {
    return ask("GET", "/v1/metric/" + id + "/measures" + query).body;
  }

  std::unique_ptr<catalog::ResourceRegistry> registry;
  std::vector<std::unique_ptr<gnocchi::Door>> doors;
};

TEST_F(GnocchiDoorTest, WhatWasPostedCanBeReadWhenTheAnswerComes) {
  const auto id = make_metric();
  EXPECT_EQ(
      ask("POST", "/v1/metric/" + id + "/measures",
          R"([{"timestamp": "2026-03-02T10:00:10", "value": 1}, {"timestamp": "2026-03-02T10:00:20", "value": 3}])")
          .status,
      202);
  EXPECT_EQ(measures(id), R"([["2026-03-02T10:00:00+00:00", 60.0, 2.0]])");
  EXPECT_EQ(measures(id, "?aggregation=count"), R"([["2026-03-02T10:00:00+00:00", 60.0, 2.0]])");
}

TEST_F(GnocchiDoorTest, PromqlSeesAMetricAsASeriesOfItsName) {
  const auto id = make_metric();
  ask("POST", "/v1/metric/" + id + "/measures", R"([{"timestamp": "2026-03-02T10:11:00", "value": 7}])");
  const auto answer = get("/prometheus/api/v1/query?query=cpu_util&time=2026-03-02T10:11:12Z");
  EXPECT_THAT(answer.body, HasSubstr("\"metric_id\":\"" + id + "\""));
  EXPECT_THAT(answer.body, HasSubstr("\"gnocchi_name\":\"cpu.util\""));
}

TEST_F(GnocchiDoorTest, OfTwoMeasuresAtOneTimeTheLastReceivedHolds) {
  const auto id = make_metric();
  const std::string path = "/v1/metric/" + id + "/measures";
  ask("POST", path,
      R"([{"timestamp": 100, "value": 1}, {"timestamp": 100, "value": 9}, {"timestamp": 100, "value": 5}])");
  EXPECT_EQ(measures(id, "?aggregation=last"), R"([["1970-01-01T00:01:00+00:00", 60.0, 5.0]])");
}

TEST_F(GnocchiDoorTest, ARateIsTheSameHoweverItsPointsCame) {
  const auto id = make_metric();
  const std::string path = "/v1/metric/" + id + "/measures";
  ask("POST", path, R"([{"timestamp": "2026-03-02T14:00:00", "value": 1}])");
  ask("POST", path, R"([{"timestamp": "2026-03-02T14:02:40", "value": 55}])");
  ask("POST", path, R"([{"timestamp": "2026-03-02T14:02:30", "value": 50}])");
  EXPECT_EQ(measures(id, "?aggregation=rate:mean"), R"([["2026-03-02T14:02:00+00:00", 60.0, 27.0]])");
  EXPECT_EQ(measures(id, "?aggregation=rate:mean&start=2026-03-02T14:02:00"),
            R"([["2026-03-02T14:02:00+00:00", 60.0, 27.0]])");
}

TEST_F(GnocchiDoorTest, APolicyKeepsAsManyPointsAsItSaysCountedFromTheNewest) {
  const auto id = make_metric(R"([{"granularity": "1 minute", "points": 2}])");
  const std::string path = "/v1/metric/" + id + "/measures";
  ask("POST", path,
      R"([{"timestamp": 60, "value": 1}, {"timestamp": 120, "value": 2}, {"timestamp": 180, "value": 3}])");
  EXPECT_EQ(measures(id),
            R"([["1970-01-01T00:02:00+00:00", 60.0, 2.0], ["1970-01-01T00:03:00+00:00", 60.0, 3.0]])");
}

TEST_F(GnocchiDoorTest, MeasuresThatNothingKeepsAnyMoreAreCountedAndTold) {
  const auto id = make_metric(R"([{"granularity": "1 minute", "points": 2}])");
  const std::string path = "/v1/metric/" + id + "/measures";
  ask("POST", path, R"([{"timestamp": 600, "value": 1}])");
  const auto late = ask("POST", path, R"([{"timestamp": 60, "value": 1}, {"timestamp": 599, "value": 1}])");
  EXPECT_EQ(late.status, 202);
  EXPECT_EQ(late.headers.get("X-Measures-Left-Out"), "1");
}

TEST_F(GnocchiDoorTest, AChangedPolicyShowsWhatIsStillKept) {
  const auto id = make_metric(R"([{"granularity": "1 minute", "points": 1}])");
  ask("POST", "/v1/metric/" + id + "/measures",
      R"([{"timestamp": 60, "value": 1}, {"timestamp": 120, "value": 2}])");
  EXPECT_THAT(measures(id), Not(HasSubstr("00:01:00")));
  EXPECT_EQ(
      ask("PATCH", "/v1/archive_policy/p", R"({"definition": [{"granularity": 60, "points": 5}]})").status,
      200);
  EXPECT_THAT(measures(id), HasSubstr("00:01:00"));
}

TEST_F(GnocchiDoorTest, ADeletedMetricsSamplesAreGone) {
  const auto id = make_metric();
  ask("POST", "/v1/metric/" + id + "/measures", R"([{"timestamp": "2026-03-02T10:11:00", "value": 7}])");
  EXPECT_EQ(ask("DELETE", "/v1/metric/" + id).status, 204);
  EXPECT_EQ(ask("GET", "/v1/metric/" + id).status, 404);
  settle();
  EXPECT_THAT(get("/prometheus/api/v1/query?query=cpu_util&time=2026-03-02T10:11:12Z").body,
              Not(HasSubstr(id)));
}

TEST_F(GnocchiDoorTest, RolesDecideWhoMayDoWhat) {
  const auto id = make_metric();
  const std::string body = R"([{"timestamp": 60, "value": 1}])";
  EXPECT_EQ(ask("POST", "/v1/metric/" + id + "/measures", body, Role::viewer).status, 403);
  EXPECT_EQ(ask("POST", "/v1/metric/" + id + "/measures", body, Role::operator_).status, 202);
  EXPECT_EQ(ask("GET", "/v1/metric/" + id, "", Role::viewer).status, 200);
  EXPECT_EQ(ask("DELETE", "/v1/archive_policy/p", "", Role::operator_).status, 403);
  net::Request stranger;
  stranger.method = "GET";
  stranger.path = "/gnocchi/v1/metric";
  EXPECT_EQ(send(stranger).status, 401);
}

TEST_F(GnocchiDoorTest, AnotherAccountSeesNothing) {
  const auto id = make_metric();
  net::Request request;
  request.method = "GET";
  request.path = "/gnocchi/v1/metric/" + id;
  request.headers.set("X-Auth-Token", their_admin);
  EXPECT_EQ(send(request).status, 404);
}

TEST_F(GnocchiDoorTest, NamesWithoutPasswordsAreTakenFromThisMachineOnly) {
  open({.auth = gnocchi::AuthMode::basic, .account = "ours"});
  net::Request request;
  request.method = "GET";
  request.path = "/gnocchi/v1/metric";
  request.peer = "192.0.2.1";
  request.headers.set("Authorization", "basic YWRtaW46");
  EXPECT_EQ(send(request).status, 401);
  request.peer = "127.0.0.1";
  EXPECT_EQ(send(request).status, 200);
}

TEST_F(GnocchiDoorTest, BuiltInPoliciesComeOnce) {
  EXPECT_THAT(ask("GET", "/v1/archive_policy").body, HasSubstr("\"name\": \"medium\""));
  ask("DELETE", "/v1/archive_policy_rule/default");
  for (const std::string name : {"low", "medium", "high", "bool"})
    EXPECT_EQ(ask("DELETE", "/v1/archive_policy/" + name).status, 204);
  open({});
  EXPECT_EQ(ask("GET", "/v1/archive_policy").body, "[]");
}

TEST_F(GnocchiDoorTest, AMetricLivesThroughARestart) {
  const auto id = make_metric(R"([{"granularity": "1 minute", "points": 10}])");
  ask("POST", "/v1/metric/" + id + "/measures", R"([{"timestamp": 600, "value": 4}])");
  open({});
  EXPECT_EQ(measures(id), R"([["1970-01-01T00:10:00+00:00", 60.0, 4.0]])");
  ask("POST", "/v1/metric/" + id + "/measures", R"([{"timestamp": 540, "value": 2}])");
  EXPECT_EQ(measures(id),
            R"([["1970-01-01T00:09:00+00:00", 60.0, 2.0], ["1970-01-01T00:10:00+00:00", 60.0, 4.0]])");
}

TEST_F(GnocchiDoorTest, WhatTheStoreFoldsIsWhatItsSamplesGive) {
  const std::string methods =
      R"("aggregation_methods": ["mean", "sum", "min", "max", "first", "last", "count"]})";
  // Without an end there are too many granules for the store to fold.
  ask("POST", "/v1/archive_policy", R"({"name": "endless", "definition": [{"granularity": 60}], )" + methods);
  ask("POST", "/v1/archive_policy",
      R"({"name": "day", "definition": [{"granularity": 60, "points": "1440"}], )" + methods);
  std::vector<std::string> ids;
  for (const std::string policy : {"endless", "day"}) {
    ids.push_back(text(ask("POST", "/v1/metric", R"({"archive_policy_name": ")" + policy + R"("})"), "id"));
    std::string body;
    for (int i = 0; i < 500; ++i)
      body += fmt::format(R"({}{{"timestamp": {}, "value": {}}})", i == 0 ? "[" : ", ", 1772446200 + i * 7,
                          i * 37 % 101);
    EXPECT_EQ(ask("POST", "/v1/metric/" + ids.back() + "/measures", body + "]").status, 202);
  }
  for (const std::string method : {"mean", "sum", "min", "max", "first", "last", "count"}) {
    const std::string query = "?start=2026-03-02T10:12:30&stop=2026-03-02T11:00:00&aggregation=" + method;
    EXPECT_EQ(measures(ids[0], query), measures(ids[1], query)) << method;
    EXPECT_THAT(measures(ids[1], query), HasSubstr("2026-03-02T10:12:00"));
    EXPECT_EQ(measures(ids[0], "?aggregation=" + method), measures(ids[1], "?aggregation=" + method));
  }
}

TEST_F(GnocchiDoorTest, PreconditionsOfAResourceHold) {
  const auto made = ask("POST", "/v1/resource/generic", R"({"id": "vm1"})");
  const std::string tag(made.headers.get("ETag"));
  net::Request request;
  request.path = "/gnocchi/v1/resource/generic/vm1";
  request.headers.set("X-Auth-Token", keys[Role::admin]);
  request.method = "GET";
  request.headers.set("If-None-Match", tag);
  EXPECT_EQ(send(request).status, 304);
  request.method = "PATCH";
  request.body = "{}";
  request.headers = {};
  request.headers.set("X-Auth-Token", keys[Role::admin]);
  request.headers.set("Content-Type", "application/json");
  request.headers.set("If-Match", "\"other\"");
  EXPECT_EQ(send(request).status, 412);
}

TEST_F(GnocchiDoorTest, ARangeOfMeasuresCanBeDeleted) {
  const auto id = make_metric();
  const std::string path = "/v1/metric/" + id + "/measures";
  ask("POST", path,
      R"([{"timestamp": "2026-03-02T10:00:00", "value": 1}, {"timestamp": "2026-03-02T10:01:00", "value": 2},
          {"timestamp": "2026-03-02T10:02:00", "value": 3}])");
  EXPECT_EQ(ask("DELETE", path + "?start=2026-03-02T10:01:00").status, 400);
  EXPECT_EQ(ask("DELETE", path + "?start=2026-03-02T10:02:00&stop=2026-03-02T10:01:00").status, 400);
  EXPECT_EQ(
      ask("DELETE", path + "?start=2026-03-02T10:01:00&stop=2026-03-02T10:02:00", "", Role::viewer).status,
      403);
  EXPECT_EQ(ask("DELETE", path + "?start=2026-03-02T10:01:00&stop=2026-03-02T10:02:00").status, 204);
  EXPECT_EQ(measures(id),
            R"([["2026-03-02T10:00:00+00:00", 60.0, 1.0], ["2026-03-02T10:02:00+00:00", 60.0, 3.0]])");
}

TEST_F(GnocchiDoorTest, AResourceThatNobodyMeasuresEndsAndGoes) {
  make_metric();
  ask("POST", "/v1/resource/generic", R"({"id": "vm1", "metrics": {"cpu": {"archive_policy_name": "p"}}})");
  ask("POST", "/v1/resource/generic", R"({"id": "bare"})");
  const std::string path = "/v1/resource/generic/vm1";
  const auto measure = [&](const std::string& at) {
    EXPECT_EQ(
        ask("POST", path + "/metric/cpu/measures", R"([{"timestamp": ")" + at + R"(", "value": 1}])").status,
        202);
  };
  const auto expire = [&] {
    return need(gnocchi::expire_resources(*context, *registry, ours, {2h, 24h}, clock.now()));
  };
  measure("2026-03-02T10:11:12");
  EXPECT_EQ(expire().ended, 0u);
  clock.advance(2h + 1s);
  EXPECT_EQ(expire().ended, 1u);
  EXPECT_THAT(ask("GET", path).body, HasSubstr(R"("ended_at": "2026-03-02T10:11:12+00:00")"));
  measure("2026-03-02T12:00:00");
  EXPECT_EQ(expire().revived, 1u);
  EXPECT_THAT(ask("GET", path).body, HasSubstr(R"("ended_at": null)"));
  clock.advance(3h);
  EXPECT_EQ(expire().ended, 1u);
  clock.advance(24h);
  EXPECT_EQ(expire().removed, 1u);
  EXPECT_EQ(ask("GET", path).status, 404);
  EXPECT_EQ(ask("GET", "/v1/resource/generic/bare").status, 200);
}

TEST_F(GnocchiDoorTest, ResourcesOfAnotherGnocchiKeepIdsAndHistory) {
  make_metric();
  const std::string body = R"({"resources": [[
      {"id": "2fbfbb20-0000-4000-8000-000000000001", "original_resource_id": "vm 1", "type": "generic", "creator": "u:q",
       "user_id": null, "project_id": "a", "started_at": "2025-01-02T03:04:05+00:00", "ended_at": null,
       "revision_start": "2025-01-02T03:04:05.123456+00:00", "revision_end": "2025-02-02T00:00:00+00:00", "metrics": {}},
      {"id": "2fbfbb20-0000-4000-8000-000000000001", "original_resource_id": "vm 1", "type": "generic", "creator": "u:q",
       "user_id": null, "project_id": "b", "started_at": "2025-01-02T03:04:05+00:00", "ended_at": null,
       "revision_start": "2025-02-02T00:00:00+00:00", "revision_end": null}]],
    "metrics": [{"id": "5f0c0000-0000-4000-8000-000000000001", "name": "cpu", "unit": "%", "creator": "u:q",
                 "resource_id": "2fbfbb20-0000-4000-8000-000000000001", "archive_policy": {"name": "p"}}]})";
  EXPECT_EQ(ask("POST", "/v1/import", body).body, R"({"resources": 1, "metrics": 1, "there": 0})");
  EXPECT_EQ(ask("POST", "/v1/import", body).body, R"({"resources": 0, "metrics": 0, "there": 2})");
  const auto history = ask("GET", "/v1/resource/generic/2fbfbb20-0000-4000-8000-000000000001/history").body;
  EXPECT_THAT(history, HasSubstr(R"("project_id": "a")"));
  EXPECT_THAT(history, HasSubstr(R"("revision_end": "2025-02-02T00:00:00+00:00")"));
  EXPECT_THAT(history, HasSubstr(R"("cpu": "5f0c0000-0000-4000-8000-000000000001")"));
  EXPECT_EQ(ask("POST", "/v1/import", "{}", Role::operator_).status, 403);
  EXPECT_EQ(ask("POST", "/v1/import", R"({"metrics": [{"id": "x"}]})").status, 400);
}

TEST_F(GnocchiDoorTest, WithHistoryAValueCountsForTheGroupOfItsTime) {
  ask("POST", "/v1/archive_policy",
      R"({"name": "p", "definition": [{"granularity": 60}], "aggregation_methods": ["sum"]})");
  ask("POST", "/v1/resource_type", R"({"name": "vm", "attributes": {"host": {"type": "string"}}})");
  clock.set(Time{1772449200'000'000'000});  // 11:00:00
  const auto made = ask("POST", "/v1/resource/vm", R"({"id": "web", "host": "c1",
      "metrics": {"cpu": {"archive_policy_name": "p"}}})");
  ASSERT_EQ(made.status, 201) << made.body;
  clock.advance(135s);  // a quarter into the third minute
  EXPECT_EQ(ask("PATCH", "/v1/resource/vm/web", R"({"host": "c2"})").status, 200);
  const auto posted =
      ask("POST", "/v1/resource/vm/web/metric/cpu/measures", R"([{"timestamp": 1772449210, "value": 8},
      {"timestamp": 1772449270, "value": 8}, {"timestamp": 1772449330, "value": 8}, {"timestamp": 1772449390, "value": 8}])");
  ASSERT_EQ(posted.status, 202) << posted.body;
  const auto sums = [&](const std::string& query) {
    std::string out;
    const auto answer =
        ask("POST", "/v1/aggregates?groupby=host" + query,
            R"body({"resource_type": "vm", "operations": "(aggregate sum (metric cpu sum))"})body");
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto groups = need(parse_json(answer.body));
    for (const auto& group : groups.as_array()) {
      out += std::string(group.at("group").at("host").as_string()) + ":";
      for (const auto& row : group.at("measures").at("measures").at("aggregated").as_array())
        out += fmt::format(" {}", row.at(2).to_number<double>());
      out += "; ";
    }
    return out;
  };
  EXPECT_EQ(sums("&use_history=true"), "c1: 8 8 2; c2: 6 8; ");
  EXPECT_EQ(sums(""), "c2: 8 8 8 8; ");
}

TEST_F(GnocchiDoorTest, HistoriesAreReadPageByPageWithEachRevisionOnOne) {
  ask("POST", "/v1/resource_type", R"({"name": "vm", "attributes": {"host": {"type": "string"}}})");
  for (const std::string name : {"a", "b", "c"}) {
    ASSERT_EQ(ask("POST", "/v1/resource/vm", R"({"id": ")" + name + R"(", "host": "c1"})").status, 201);
    for (const std::string host : {"c2", "c3", "c4"}) {
      clock.advance(1s);
      ask("PATCH", "/v1/resource/vm/" + name, R"({"host": ")" + host + R"("})");
    }
  }
  const auto all = need(parse_json(ask("GET", "/v1/resource/vm?history=true").body));
  EXPECT_EQ(all.as_array().size(), 12U);
  boost::json::array read;
  std::string next = "/v1/resource/vm?history=true&limit=5";
  for (int page = 0; page < 20 && !next.empty(); ++page) {
    const auto answer = ask("GET", next);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto of_page = need(parse_json(answer.body));
    for (const auto& one : of_page.as_array()) read.push_back(one);
    const std::string link(answer.headers.get("Link"));  // <http://h:1/gnocchi/v1/...>; rel="next"
    next = link.empty() ? "" : link.substr(19, link.find('>') - 19);
  }
  EXPECT_EQ(boost::json::value(read), all);
  EXPECT_EQ(ask("GET", "/v1/resource/vm?history=true&marker=2fbfbb20-0000-4000-8000-000000000001@1").status,
            400);
}

TEST_F(GnocchiDoorTest, AnAggregationOverTooManyRevisionsIsRefused) {
  open({.max_revisions = 1});
  make_metric();
  ask("POST", "/v1/resource_type", R"({"name": "vm", "attributes": {"host": {"type": "string"}}})");
  ask("POST", "/v1/resource/vm",
      R"({"id": "web", "host": "c1", "metrics": {"cpu": {"archive_policy_name": "p"}}})");
  const auto groups = [&](const std::string& query) {
    return ask("POST", "/v1/aggregates?groupby=host" + query,
               R"body({"resource_type": "vm", "operations": "(metric cpu mean)"})body");
  };
  for (const std::string host : {"c2", "c3"}) {
    EXPECT_EQ(groups("&use_history=true").status, 200) << host;
    clock.advance(1s);
    ask("PATCH", "/v1/resource/vm/web", R"({"host": ")" + host + R"("})");
  }
  const auto refused = groups("&use_history=true");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("2 past revisions match"));
  EXPECT_EQ(groups("").status, 200);
}

TEST_F(GnocchiDoorTest, StatsdBecomesMetricsOfOneResource) {
  const gnocchi::Options options;
  gnocchi::StatsdCollector statsd(*context, *registry, options, ours);
  statsd.take("logins:1|c\nlogins:2|c|@0.5\nheat:20|g\nheat:21.5|g");
  statsd.take("boot/time:320|ms\nusers:joe|s\nnonsense\nlogins:x|c");
  need(statsd.flush(clock.now()));
  EXPECT_EQ(statsd.bad_lines(), 2U);
  const auto metrics =
      ask("GET", "/v1/resource/generic/" + to_text(gnocchi::resource_uuid("statsd", "statsd")) + "/metric");
  EXPECT_THAT(metrics.body, AllOf(HasSubstr("logins|c"), HasSubstr("heat|g"), HasSubstr("boot_time|ms")));
  EXPECT_THAT(metrics.body, Not(HasSubstr("users")));
  const auto last = [&](const std::string& name) {
    const auto resource = registry->resource(ours, gnocchi::resource_uuid("statsd", "statsd"));
    const auto id = to_text(resource->metrics.at(name)->metric.id);
    std::string rows;
    const auto end = std::chrono::steady_clock::now() + 10s;
    for (; rows.size() < 5 && std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(1ms))
      rows = measures(id, "?aggregation=max");
    return rows;
  };
  EXPECT_THAT(last("logins|c"), HasSubstr("300.0, 5.0]"));
  EXPECT_THAT(last("heat|g"), HasSubstr("300.0, 21.5]"));
  EXPECT_THAT(last("boot_time|ms"), HasSubstr("300.0, 320.0]"));
  need(statsd.flush(clock.now()));  // nothing came: nothing is stored
}

TEST_F(GnocchiDoorTest, ErrorsAreTextUnlessJsonIsAskedFor) {
  net::Request request;
  request.method = "GET";
  request.path = "/gnocchi/v1/resource/generic/nothing";
  request.headers.set("X-Auth-Token", keys[Role::admin]);
  const auto answer = send(request);
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, HasSubstr("404 Not Found\n\nThe resource could not be found."));
}

}  // namespace
}  // namespace sentinella::api
