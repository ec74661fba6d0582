// Searching, counting, telling and taking away logs over the native API.
#include <gmock/gmock.h>

#include <future>

#include "api/api_fixture.h"
#include "codec/log_template.h"

namespace sentinella::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kRequest = "req-aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa";
constexpr const char* kInstance = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

class LogsApi : public ApiTest {
 protected:
  /// One record a call, a second after the one before; `service` is the fixture's only by default.
  std::string keep(const std::string& host, const std::string& service, Severity severity,
                   const std::string& message, const std::string& request = "",
                   const std::string& traceback = "") {
    LogRecord record;
    record.time = clock.now();
    record.host = host;
    record.service = service;
    record.source = "/var/log/" + service + ".log";
    record.severity = severity;
    record.message = message;
    record.template_id = codec::log_template_id(message);
    record.raw = message;
    record.request_id = request;
    record.traceback = traceback;
    need(logs->append(ours, std::array{record}, ++offset));
    clock.advance(1s);
    return to_text(RecordId{offset, 0});
  }
  std::string error_of(const std::string& target) {
    const auto response = get(target);
    EXPECT_EQ(response.status, 400) << target;
    const auto error = object(response).at("error").as_object();
    return std::string(error.at("field").as_string()) + ": " + std::string(error.at("message").as_string());
  }
  std::vector<std::string> found(const std::string& q) {
    std::vector<std::string> texts;
    for (const auto& item : items(get("/api/v1/logs/search?order=asc&q=" + net::percent_encode(q))))
      texts.emplace_back(item.at("message").as_string());
    return texts;
  }
  boost::json::object table(const std::string& q) {
    return object(get("/api/v1/logs/query?q=" + net::percent_encode(q)));
  }

  static std::string text_of(const boost::json::object& answer, std::string_view name,
                             std::string_view member) {
    return std::string(answer.at(name).as_object().at(member).as_string());
  }
  Signal signal_on(const std::string& host, const std::string& service) {
    Signal signal;
    signal.account = ours;
    signal.rule_id = "some-rule";
    signal.event = "SomethingFailed";
    signal.resource = host + "/" + service;
    signal.host = host;
    signal.service = service;
    signal.at = clock.now();
    signal.text = "something failed";
    return signal;
  }

  std::uint64_t offset = 100;
};

TEST_F(LogsApi, ASearchSpeaksTheQueryLanguage) {
  keep("compute1", "nova-compute", Severity::error, "spawn failed");
  keep("compute2", "nova-compute", Severity::info, "spawn done");
  keep("controller", "nova-api", Severity::error, "GET failed");
  EXPECT_THAT(found("failed"), ElementsAre("spawn failed", "GET failed"));
  EXPECT_THAT(found("spawn FAILED"), ElementsAre("spawn failed"));
  EXPECT_THAT(found("service:nova-compute -failed"), ElementsAre("spawn done"));
  EXPECT_THAT(found("host:controller or severity<error"), ElementsAre("spawn done", "GET failed"));
  EXPECT_THAT(error_of("/api/v1/logs/search?q=a%20%7C%20count"), HasSubstr("use /api/v1/logs/query"));
  EXPECT_THAT(error_of("/api/v1/logs/search?q=(a"), testing::StartsWith("q: at character 1"));
}

TEST_F(LogsApi, NothingIsSearchedForWhoeverHasLeft) {
  keep("compute1", "nova-compute", Severity::error, "spawn failed");
  for (const std::string path : {"search", "query", "histogram", "export"}) {
    net::Request request;
    request.method = "GET";
    request.path = "/api/v1/logs/" + path;
    request.query = path == "query" ? "q=%7C%20count" : "q=failed";
    request.headers.set("Authorization", "Bearer " + keys[Role::admin]);
    request.abandoned = std::make_shared<const std::atomic<bool>>(true);
    EXPECT_EQ(send(std::move(request)).status, 503) << path;
  }
}

TEST_F(LogsApi, LevelsAndSourcesOfWhatCameInAreShown) {
  Batch batch;
  batch.account = ours;
  batch.received = clock.now();
  for (const Severity severity : {Severity::info, Severity::debug, Severity::unspecified}) {
    LogRecord& record = batch.logs.emplace_back();
    record.time = clock.now();
    record.host = "controller";
    record.service = "glance-api";
    record.source = "/var/log/glance.log";
    record.severity = severity;
    record.raw = record.message = "odd";
    if (severity == Severity::unspecified) record.flags = LogRecord::kUnparsed;
  }
  std::promise<void> applied;
  intake->submit(std::move(batch), ingest::Until::applied, [&](const auto&) { applied.set_value(); });
  applied.get_future().wait();
  const auto levels = items(get("/api/v1/logs/levels"));
  ASSERT_EQ(levels.size(), 1u);
  EXPECT_EQ(levels[0].at("level"), "DEBUG");
  EXPECT_EQ(levels[0].at("debug_on"), true);
  const auto sources = items(get("/api/v1/logs/sources"));
  ASSERT_EQ(sources.size(), 1u);
  EXPECT_EQ(sources[0].at("records"), 3);
  EXPECT_EQ(sources[0].at("unparsed"), 1);
  EXPECT_EQ(sources[0].at("unparsed_text"), "odd");
  EXPECT_EQ(object(get("/api/v1/logs/retention")).at("max_age_seconds"), 30 * 24 * 3600);
}

TEST_F(LogsApi, RecordsAreCountedByAField) {
  keep("compute1", "nova-compute", Severity::error, "volume 1 lost");
  keep("compute2", "nova-compute", Severity::info, "volume 2 lost");
  keep("controller", "nova-api", Severity::error, "other");
  EXPECT_EQ(table("| count by service").at("columns"), (boost::json::array{"service", "count"}));
  EXPECT_EQ(boost::json::serialize(table("| count by service").at("rows")),
            R"([["nova-compute",2],["nova-api",1]])");
  EXPECT_EQ(boost::json::serialize(table("lost | count").at("rows")), "[[2]]");
  EXPECT_EQ(boost::json::serialize(table("nowhere | count").at("rows")), "[[0]]");
  EXPECT_EQ(boost::json::serialize(table("| top 1 host").at("columns")), R"(["host","count"])");
  const auto rates = table("| rate 1m").at("rows").as_array();
  ASSERT_EQ(rates.size(), 1u);
  EXPECT_EQ(rates[0].at(0), "2026-03-02T10:11:00.000Z");
  EXPECT_EQ(rates[0].at(2).to_number<double>(), 3.0 / 60);
  EXPECT_EQ(error_of("/api/v1/logs/query?q=lost").substr(0, 2), "q:");
}

TEST_F(LogsApi, PatternsLeaveOutWhatVaries) {
  for (const auto* host : {"compute1", "compute2"})
    keep(host, "nova-compute", Severity::warning, "volume 17 lost after 3 tries");
  const auto rows = table("lost | patterns").at("rows").as_array();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at(1), 2);
  EXPECT_EQ(rows[0].at(2), "WARNING");
}

TEST_F(LogsApi, PatternsSayWhetherTheyAreNews) {
  keep("compute1", "nova-compute", Severity::error, "was here 1");
  clock.advance(1h);
  keep("compute1", "nova-compute", Severity::error, "is new 1");
  const auto row_of = [](const boost::json::object& answer, std::size_t row, std::string_view column) {
    const auto& columns = answer.at("columns").as_array();
    const auto at = std::ranges::find(columns, boost::json::value(column)) - columns.begin();
    return answer.at("rows").at(row).at(static_cast<std::size_t>(at));
  };
  const auto ask = [&](const std::string& from) {
    return object(get("/api/v1/logs/query?q=%7C%20patterns&from=" + from));
  };
  const auto hour = ask("now-1h");
  EXPECT_EQ(row_of(hour, 0, "change"), "new");
  EXPECT_EQ(row_of(hour, 0, "before"), 0);
  EXPECT_EQ(row_of(hour, 0, "trend").as_array().size(),
            hour.at("trend").at("buckets").to_number<std::size_t>());
  EXPECT_EQ(row_of(hour, 1, "change"), "gone");
  EXPECT_EQ(row_of(hour, 1, "count"), 0);
  EXPECT_EQ(hour.at("trend").at("left_out"), 0);
  const auto month = ask("now-30d");
  EXPECT_TRUE(row_of(month, 0, "change").is_null());
  EXPECT_TRUE(month.at("trend").at("before_from").is_null());
}

TEST_F(LogsApi, AHistogramHasEveryBucketOfItsRange) {
  keep("compute1", "nova-compute", Severity::critical, "a");
  keep("compute1", "nova-compute", Severity::error, "b");
  keep("compute1", "nova-compute", Severity::warning, "c");
  clock.advance(10min);
  keep("compute1", "nova-compute", Severity::info, "d");
  const auto answer = object(get("/api/v1/logs/histogram"));
  EXPECT_EQ(answer.at("step_seconds"), 60);
  const auto& buckets = answer.at("buckets").as_array();
  ASSERT_EQ(buckets.size(), 61u);
  const auto& first = buckets[50].as_object();
  EXPECT_EQ(first.at("time"), "2026-03-02T10:11:00.000Z");
  EXPECT_EQ(first.at("count"), 3);
  EXPECT_EQ(first.at("error"), 2);
  EXPECT_EQ(first.at("warning"), 1);
  EXPECT_EQ(buckets[60].at("count"), 1);
  EXPECT_EQ(error_of("/api/v1/logs/histogram?buckets=501").substr(0, 8), "buckets:");
  EXPECT_EQ(error_of("/api/v1/logs/histogram?q=a%7Ccount").substr(0, 2), "q:");
}

TEST_F(LogsApi, AHistogramOfTheLongestRangeIsSmallToo) {
  const auto answer = object(get("/api/v1/logs/histogram?buckets=1&from=1960-01-01T00:00:00Z"));
  EXPECT_LE(answer.at("buckets").as_array().size(), 2u);
}

TEST_F(LogsApi, AStoryTellsWhereARequestFailed) {
  keep("controller", "nova-api", Severity::info, "POST /servers", kRequest);
  keep("elsewhere", "cinder-api", Severity::info, "not of the story");
  const auto record = keep("compute1", "nova-compute", Severity::error, "Instance failed to spawn", kRequest,
                           "Traceback (most recent call last):\n"
                           "  File \"/usr/lib/nova/driver.py\", line 7718, in _create_guest\n"
                           "nova.exception.Timeout: it took too long");
  keep("compute2", "nova-compute", Severity::error, "cleaning up", kRequest);
  ASSERT_EQ(post("/api/v1/changes",
                 R"({"type":"deploy","summary":"nova 29.1","host":"compute1","time":"2026-03-02T10:10:30Z"})")
                .status,
            201);
  ASSERT_EQ(post("/api/v1/changes",
                 R"({"type":"deploy","summary":"x","host":"elsewhere","time":"2026-03-02T10:11:13Z"})")
                .status,
            201);
  const auto story = object(get(std::string("/api/v1/logs/backtrace?id=") + kRequest));
  EXPECT_EQ(story.at("ids"), boost::json::array{kRequest});
  EXPECT_EQ(story.at("lanes"),
            (boost::json::array{"nova-api", "nova-compute on compute1", "nova-compute on compute2"}));
  const auto& records = story.at("records").as_array();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].at("lane"), 0);
  EXPECT_EQ(records[1].at("lane"), 1);
  EXPECT_EQ(records[1].at("gap_ms").to_number<double>(), 2000);
  EXPECT_EQ(records[1].at("first_error"), true);
  EXPECT_EQ(records[2].at("first_error"), false);
  EXPECT_THAT(std::string(records[1].at("last_frame").as_string()),
              HasSubstr("driver.py:7718 in _create_guest"));
  EXPECT_EQ(story.at("duration_ms").to_number<double>(), 3000);
  EXPECT_EQ(story.at("truncated"), false);
  ASSERT_EQ(story.at("changes").as_array().size(), 1u);
  EXPECT_EQ(story.at("changes").at(0).at("summary"), "nova 29.1");
  EXPECT_EQ(object(get("/api/v1/logs/backtrace?id=" + record)).at("records"), story.at("records"));
  EXPECT_EQ(object(get(std::string("/api/v1/logs/backtrace?limit=2&id=") + kRequest)).at("truncated"), true);
}

TEST_F(LogsApi, AStoryBeginsAtAnInstanceOrAnAlertToo) {
  keep("compute1", "nova-compute", Severity::info, std::string("[instance: ") + kInstance + "] spawned");
  keep("controller", "nova-api", Severity::error, "No valid host", kRequest);
  const auto lanes = [&](const std::string& id) {
    return boost::json::serialize(object(get("/api/v1/logs/backtrace?id=" + id)).at("lanes"));
  };
  EXPECT_EQ(lanes(kInstance), R"(["nova-compute"])");
  Signal signal;
  signal.account = ours;
  signal.rule_id = "no-valid-host";
  signal.event = "NoValidHost";
  signal.resource = signal.host = "controller";
  signal.at = clock.now();
  signal.text = "no valid host";
  signal.evidence.resize(2);
  signal.evidence[1].request_id = kRequest;
  const auto alert = need(report({signal})).at(0);
  EXPECT_EQ(lanes(alert), R"(["nova-api"])");
  EXPECT_EQ(text_of(object(get("/api/v1/logs/backtrace?id=" + alert)), "start", "by"), "request");
  EXPECT_THAT(error_of("/api/v1/logs/backtrace"), HasSubstr("id: is required"));
  EXPECT_THAT(error_of("/api/v1/logs/backtrace?id=x"), HasSubstr("id: \"x\" is neither"));
  EXPECT_EQ(get("/api/v1/logs/backtrace?id=99999-0").status, 404);
}

TEST_F(LogsApi, AnAlertWithoutARequestIsToldFromTheIdsThatItSpeaksOf) {
  keep("compute1", "nova-compute", Severity::warning, std::string("no port for ") + kInstance);
  keep("network1", "neutron-server", Severity::error, std::string("port of ") + kInstance + " has no host");
  Signal signal = signal_on("compute1", "nova-compute");
  signal.evidence.resize(1);
  signal.evidence[0].id = {101, 0};
  signal.evidence[0].text = std::string("no port for ") + kInstance;
  const auto story = object(get("/api/v1/logs/backtrace?id=" + need(report({signal})).at(0)));
  EXPECT_EQ(text_of(story, "start", "by"), "id");
  EXPECT_THAT(text_of(story, "start", "why"), HasSubstr(kInstance));
  EXPECT_EQ(story.at("lanes"), (boost::json::array{"nova-compute", "neutron-server"}));
}

TEST_F(LogsApi, AnAlertWithoutAnyIdIsToldFromItsServiceAndWhatThatNeeds) {
  keep("controller", "rabbitmq-server", Severity::error, "long before");
  clock.advance(10min);
  keep("controller", "rabbitmq-server", Severity::error, "closing AMQP connection");
  keep("controller", "rabbitmq-server", Severity::info, "accepted a connection");
  keep("compute1", "nova-compute", Severity::info, "reconnecting");
  keep("compute1", "nova-compute", Severity::debug, "a detail");
  keep("compute2", "nova-compute", Severity::error, "on another host");
  keep("compute1", "ovn-controller", Severity::warning, "wires too");
  keep("compute1", "sshd", Severity::error, "none of its needs");
  const auto failed = clock.now();
  const auto lost = keep("compute1", "nova-compute", Severity::error, "broker lost");
  Signal signal = signal_on("compute1", "nova-compute");
  signal.evidence.resize(1);
  signal.evidence[0].id = *parse_record_id(lost);
  signal.evidence[0].time = failed;
  signal.evidence[0].text = "broker lost";
  const auto alert = need(report({signal})).at(0);
  clock.advance(10min);
  keep("compute1", "nova-compute", Severity::error, "long after");
  const auto story = object(get("/api/v1/logs/backtrace?id=" + alert));
  EXPECT_EQ(text_of(story, "start", "by"), "around");
  EXPECT_THAT(text_of(story, "start", "why"), HasSubstr("nova-compute on compute1 and what it needs"));
  EXPECT_EQ(text_of(story, "start", "failed"), to_rfc3339(failed));
  std::vector<std::string> told;
  for (const auto& record : story.at("records").as_array())
    told.emplace_back(record.at("message").as_string());
  EXPECT_THAT(told, ElementsAre("closing AMQP connection", "reconnecting", "wires too", "broker lost"));
  EXPECT_EQ(story.at("lane_reasons"),
            (boost::json::array{"passes messages through it", "its service", "has its ports wired by it"}));
}

TEST_F(LogsApi, AnAlertOfAHostIsToldFromWhatRunsOnIt) {
  keep("compute1", "nova-compute", Severity::warning, "slow");
  keep("compute1", "kernel", Severity::critical, "out of memory");
  keep("compute2", "nova-compute", Severity::critical, "elsewhere");
  const auto story =
      object(get("/api/v1/logs/backtrace?id=" + need(report({signal_on("compute1", "")})).at(0)));
  EXPECT_EQ(story.at("lanes"), (boost::json::array{"nova-compute", "kernel"}));
  EXPECT_THAT(error_of("/api/v1/logs/backtrace?id=" + need(report({signal_on("", "")})).at(0)),
              HasSubstr("id: this alert names no request"));
}

TEST_F(LogsApi, ChangesOfAStoryAreThoseOfItsHostsOfWhatItsServicesNeedAndOfAll) {
  runs_on("broker1", "rabbitmq-server");
  const auto change = [&](const std::string& summary, const std::string& host) {
    clock.advance(1s);
    ASSERT_EQ(post("/api/v1/changes",
                   R"({"type":"deploy","summary":")" + summary + R"(","host":")" + host + R"("})")
                  .status,
              201);
  };
  change("long before", "compute1");
  clock.advance(3h);
  change("all", "");
  change("broker", "broker1");
  change("own", "compute1");
  change("stranger", "compute9");
  clock.advance(1h);
  keep("compute1", "nova-compute", Severity::error, "spawn failed", kRequest);
  std::vector<std::string> told;
  const auto story = object(get(std::string("/api/v1/logs/backtrace?id=") + kRequest));
  for (const auto& one : story.at("changes").as_array())
    told.push_back(std::string(one.at("summary").as_string()) + ": " +
                   std::string(one.at("why").as_string()));
  EXPECT_THAT(
      told, ElementsAre("own: same host", "broker: on a host it needs: rabbitmq-server", "all: whole cloud"));
  EXPECT_EQ(story.at("changes_truncated"), false);
}

TEST_F(LogsApi, ARecordIsShownAmongItsNeighbours) {
  std::vector<std::string> ids;
  for (int i = 0; i < 7; ++i) {
    ids.push_back(keep("compute1", "nova-compute", Severity::info, "line " + std::to_string(i)));
    keep("compute2", "nova-compute", Severity::info, "another host");
  }
  std::vector<std::string> texts;
  for (const auto& item : items(get("/api/v1/logs/" + ids[3] + "/context?lines=2")))
    texts.emplace_back(item.at("message").as_string());
  EXPECT_THAT(texts, ElementsAre("line 1", "line 2", "line 3", "line 4", "line 5"));
  EXPECT_EQ(get("/api/v1/logs/nonsense/context").status, 404);
  EXPECT_EQ(error_of("/api/v1/logs/" + ids[3] + "/context?lines=201").substr(0, 6), "lines:");
}

TEST_F(LogsApi, AnExportIsAFileOfWholeRecords) {
  keep("compute1", "nova-compute", Severity::info, "first");
  keep("compute1", "nova-compute", Severity::info, "second");
  const auto raw = get("/api/v1/logs/export?format=raw&order=asc");
  EXPECT_EQ(raw.body, "first\nsecond\n");
  EXPECT_EQ(raw.headers.get("Content-Disposition"), "attachment; filename=\"logs.txt\"");
  EXPECT_EQ(raw.headers.get("X-Complete"), "true");
  const auto limited = get("/api/v1/logs/export?limit=1");
  EXPECT_EQ(need(parse_json_object(limited.body)).at("raw"), "second");
  EXPECT_EQ(limited.headers.get("X-Complete"), "false");
  EXPECT_EQ(error_of("/api/v1/logs/export?format=xls").substr(0, 7), "format:");
  EXPECT_EQ(limited.headers.get("X-Total-Count"), "2");
  EXPECT_EQ(error_of("/api/v1/logs/export?limit=10000001").substr(0, 6), "limit:");
}

TEST_F(LogsApi, AnExportReachesOverManyPages) {
  std::vector<LogRecord> batch(12'000);
  for (auto& record : batch) {
    record.time = clock.now();
    record.raw = record.message = "x";
  }
  need(logs->append(ours, batch, ++offset));
  EXPECT_EQ(get("/api/v1/logs/export?format=raw&limit=100000").body.size(), 24'000u);
  EXPECT_EQ(get("/api/v1/logs/export?format=raw&limit=11001").body.size(), 22'002u);
  EXPECT_EQ(get("/api/v1/logs/export?format=raw").body.size(), 20'000u);
}

TEST_F(LogsApi, AnExportIsReadAsItIsSent) {
  std::vector<LogRecord> batch(12'000);
  for (auto& record : batch) {
    record.time = clock.now();
    record.raw = record.message = "x";
  }
  need(logs->append(ours, batch, ++offset));
  net::Request request;
  request.method = "GET";
  request.path = "/api/v1/logs/export";
  request.query = "format=raw&limit=100000";
  request.headers.set("Authorization", "Bearer " + keys[Role::admin]);
  std::promise<net::Response> promise;
  router->handle(std::move(request), [&](net::Response answer) { promise.set_value(std::move(answer)); });
  const auto response = promise.get_future().get();
  EXPECT_EQ(response.headers.get("X-Total-Count"), "12000");
  EXPECT_EQ(response.body, "");
  std::atomic<bool> left = false;
  EXPECT_EQ(need(response.pieces(left)).size(), 10'000u);
  // What comes meanwhile is not of it.
  keep("compute1", "nova-compute", Severity::info, "later");
  EXPECT_EQ(need(response.pieces(left)).size(), 10'000u);
  left = true;
  EXPECT_EQ(response.pieces(left).error().code, Errc::kUnavailable);
  left = false;
  EXPECT_EQ(need(response.pieces(left)).size(), 4'000u);
  EXPECT_EQ(need(response.pieces(left)), "");
}

TEST_F(LogsApi, ASpreadsheetDoesNotRunWhatALineSays) {
  keep("compute1", "nova-compute", Severity::info, "=cmd|' /C calc'!A0");
  keep("compute1", "nova-compute", Severity::info, "-1, \"quoted\"\nnext");
  const auto csv = get("/api/v1/logs/export?format=csv&order=asc").body;
  EXPECT_THAT(csv, testing::StartsWith("time,host,service,"));
  EXPECT_THAT(csv, HasSubstr(",'=cmd|' /C calc'!A0,"));
  EXPECT_THAT(csv, HasSubstr(",\"'-1, \"\"quoted\"\"\nnext\","));
}

}  // namespace
}  // namespace sentinella::api
