#include "api/prometheus/query_doors.h"

#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "query/engine.h"

namespace sentinella::api {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'772'446'272;  // the fixture's clock, in seconds

class QueryDoors : public ApiTest {
 protected:
  QueryDoors() {
    write(ours, "requests_total", {{"host", "c1"}, {"code", "200"}}, SeriesKind::counter, 60);
    write(ours, "requests_total", {{"host", "c2"}, {"code", "500"}}, SeriesKind::counter, 120);
    write(ours, "load", {{"host", "c1"}, {"odd", "a\"\n\\"}}, SeriesKind::gauge, 0);
    write(theirs, "secret_metric", {{"host", "x"}}, SeriesKind::gauge, 0);
  }

  /// Eleven samples, a minute apart, up to now; each `rise` more than the one before.
  void write(AccountId account, const std::string& name, std::vector<Label> labels, SeriesKind kind,
             double rise) {
    labels.push_back({std::string(kMetricName), name});
    SeriesSamples samples{Labels(std::move(labels)), kind, {}};
    for (int i = 0; i <= 10; ++i)
      samples.samples.push_back({Time{(kNow - 600 + i * 60) * 1'000'000'000}, 1 + rise * i});
    SampleBlock block;
    need(series::resolve_into(*series, account, samples, block));
    need(series->append(account, block, ++offset));
  }

  net::Response ask(const std::string& door, const std::string& parameters = "") {
    return call("GET", "/prometheus/api/v1/" + door + "?" + parameters, keys[Role::viewer]);
  }
  static std::string body(const net::Response& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    return response.body;
  }

  std::uint64_t offset = 1000;
};

TEST_F(QueryDoors, AnInstantVectorHasLabelsAndNumbersAsStrings) {
  EXPECT_EQ(
      body(ask("query", "query=requests_total{host=\"c1\"}")),
      R"({"status":"success","data":{"resultType":"vector","result":[)"
      R"({"metric":{"__name__":"requests_total","code":"200","host":"c1"},"value":[1772446272,"601"]}]}})");
}

TEST_F(QueryDoors, ScalarsStringsAndRangesHaveTheirOwnForms) {
  EXPECT_EQ(body(ask("query", "query=1e30&time=5.25")),
            R"({"status":"success","data":{"resultType":"scalar","result":[5.250,"1e+30"]}})");
  EXPECT_EQ(body(ask("query", "query=%22a%5C%22%22&time=-0.5")),
            R"({"status":"success","data":{"resultType":"string","result":[-0.500,"a\""]}})");
  EXPECT_EQ(body(ask("query", "query=load[1m]")),
            R"({"status":"success","data":{"resultType":"matrix","result":[)"
            R"({"metric":{"__name__":"load","host":"c1","odd":"a\"\n\\"},)"
            R"("values":[[1772446212,"1"],[1772446272,"1"]]}]}})");
}

TEST_F(QueryDoors, ARangeQueryAnswersEveryStepSortedByLabels) {
  const auto range = fmt::format("start={}&end={}&step=30", kNow - 60, kNow);
  EXPECT_EQ(body(ask("query_range", "query=sum by (host) (rate(requests_total[5m]))&" + range)),
            R"({"status":"success","data":{"resultType":"matrix","result":[)"
            R"({"metric":{"host":"c1"},"values":[[1772446212,"1"],[1772446242,"1"],[1772446272,"1"]]},)"
            R"({"metric":{"host":"c2"},"values":[[1772446212,"2"],[1772446242,"2"],[1772446272,"2"]]}]}})");
}

TEST_F(QueryDoors, AFormMayCarryTheQuery) {
  const auto answer = call("POST", "/prometheus/api/v1/query", keys[Role::viewer],
                           "query=count(load)&time=1772446272", "application/x-www-form-urlencoded");
  EXPECT_THAT(body(answer), HasSubstr(R"("value":[1772446272,"1"])"));
}

TEST_F(QueryDoors, ABadRequestIsToldApartFromAQueryThatFails) {
  const auto bad = ask("query", "query=sum(");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.body, R"({"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": )"
                      R"(1:5: parse error: unclosed left parenthesis"})");
  const auto failing = ask("query", "query=requests_total%2Bon()requests_total");
  EXPECT_EQ(failing.status, 422);
  EXPECT_EQ(text(failing, "errorType"), "execution");
  EXPECT_THAT(text(failing, "error"),
              HasSubstr("found duplicate series for the match group {} on the right"));
  EXPECT_EQ(ask("query", "query=1&time=yesterday").status, 400);
  EXPECT_EQ(ask("query_range", "query=1&start=0&end=1e9&step=1").status, 400);
  EXPECT_EQ(ask("query_range", "query=load[5m]&start=0&end=1&step=1").status, 400);
  EXPECT_EQ(ask("query_range", "query=1&start=2&end=1&step=1").status, 400);
  EXPECT_EQ(ask("query_range", "query=1&start=0&end=1&step=0").status, 400);
  EXPECT_EQ(ask("series").status, 400);
  EXPECT_EQ(ask("series", "match[]={}").status, 400);
  EXPECT_EQ(ask("label/a-b/values").status, 400);
}

TEST_F(QueryDoors, AQueryEndsWhenItsTimeIsOver) {
  // The clock stands still until the query is under way: a negative rest is over at once.
  struct Ticking final : Clock {
    mutable std::int64_t calls = 0;
    Time now() const override { return Time{(kNow + 10 * calls++) * 1'000'000'000}; }
  } ticking;
  query::Source source{.store = *series, .account = ours, .clock = ticking};
  query::Limits limits;
  limits.deadline = Time{kNow * 1'000'000'000};
  const auto expr = need(query::parse_expression("load + load"));
  const auto answer = query::evaluate_instant(source, *expr, kNow * 1000, limits);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::kUnavailable);
  EXPECT_EQ(answer.error().field, "timeout");
}

TEST_F(QueryDoors, SeriesAndLabelsListWhatMatches) {
  EXPECT_EQ(body(ask("series", "match[]=requests_total{host=\"c2\"}&match[]=requests_total{code=\"500\"}")),
            R"({"status":"success","data":[{"__name__":"requests_total","code":"500","host":"c2"}]})");
  EXPECT_EQ(body(ask("labels")), R"({"status":"success","data":["__name__","code","host","odd"]})");
  EXPECT_EQ(body(ask("labels", "match[]=requests_total")),
            R"({"status":"success","data":["__name__","code","host"]})");
  EXPECT_EQ(body(ask("label/host/values")), R"({"status":"success","data":["c1","c2"]})");
  EXPECT_EQ(body(ask("label/host/values", "match[]=load")), R"({"status":"success","data":["c1"]})");
  EXPECT_EQ(body(ask("label/none/values")), R"({"status":"success","data":[]})");
  EXPECT_EQ(body(ask("metadata", "metric=requests_total")),
            R"({"status":"success","data":{"requests_total":[{"type":"counter","help":"","unit":""}]}})");
}

TEST_F(QueryDoors, StatusDoorsAnswerInPrometheusForm) {
  EXPECT_THAT(body(ask("status/buildinfo")), HasSubstr(R"("version":"2.42.0")"));
  EXPECT_THAT(body(ask("status/runtimeinfo")), HasSubstr(R"("startTime":"2026-03-02T10:11:12.000Z")"));
  EXPECT_EQ(body(ask("status/flags")), R"({"status":"success","data":{}})");
  EXPECT_EQ(body(ask("status/config")), R"({"status":"success","data":{"yaml":""}})");
  EXPECT_THAT(body(ask("status/tsdb")),
              HasSubstr(R"("seriesCountByMetricName":[{"name":"requests_total","value":2})"));
  EXPECT_EQ(body(ask("query_exemplars", "query=load")), R"({"status":"success","data":[]})");
  EXPECT_EQ(body(ask("format_query", "query=sum(load)by(host)")),
            "{\"status\":\"success\",\"data\":\"sum by (host) (load)\"}");
}

TEST_F(QueryDoors, NobodySeesAnotherAccountsSeries) {
  for (const auto* door : {"query?query={__name__=~\".%2B\"}", "series?match[]={__name__=~\".%2B\"}",
                           "labels", "label/__name__/values", "metadata", "status/tsdb",
                           "query_range?query={__name__=~\".%2B\"}&start=1772446272&end=1772446273&step=1"}) {
    const std::string path = std::string("/prometheus/api/v1/") + door;
    EXPECT_THAT(call("GET", path, keys[Role::viewer]).body, testing::Not(HasSubstr("secret_metric"))) << door;
    const auto answer = call("GET", path, their_admin);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(answer.body, testing::Not(HasSubstr("requests_total"))) << door;
  }
  EXPECT_EQ(call("GET", "/prometheus/api/v1/labels", "").status, 401);
  EXPECT_EQ(call("GET", "/prometheus/api/v1/labels", agent_credential()).status, 403);
}

TEST_F(QueryDoors, MetadataSaysWhatExportersSayAndTheKindOfTheRest) {
  context->metric_metadata = [&](AccountId account) {
    if (account != ours) return std::vector<MetricMetadata>{};
    return std::vector<MetricMetadata>{{"load", "gauge", "", "Load \"average\"."},
                                       {"up_seconds", "gauge", "seconds", ""}};
  };
  EXPECT_EQ(body(ask("metadata")), R"({"status":"success","data":{)"
                                   R"("load":[{"type":"gauge","help":"Load \"average\".","unit":""}],)"
                                   R"("requests_total":[{"type":"counter","help":"","unit":""}],)"
                                   R"("up_seconds":[{"type":"gauge","help":"","unit":"seconds"}]}})");
}

TEST_F(QueryDoors, TargetsAreThoseThatTheServerScrapesForTheAccount) {
  context->scrape_targets = [&](AccountId account) {
    if (account != ours) return std::vector<scrape::TargetStatus>{};
    return std::vector<scrape::TargetStatus>{{.job = "node",
                                              .url = "http://c1:9100/metrics",
                                              .labels = Labels({{"instance", "c1:9100"}, {"job", "node"}}),
                                              .scraped = true,
                                              .up = false,
                                              .problem = "refused",
                                              .at = Time{kNow * 1'000'000'000},
                                              .duration = std::chrono::milliseconds(250),
                                              .interval = std::chrono::seconds(15),
                                              .timeout = std::chrono::seconds(10)}};
  };
  EXPECT_EQ(body(ask("targets")),
            R"({"status":"success","data":{"activeTargets":[{"discoveredLabels":{},)"
            R"("labels":{"instance":"c1:9100","job":"node"},"scrapePool":"node",)"
            R"("scrapeUrl":"http://c1:9100/metrics","globalUrl":"http://c1:9100/metrics",)"
            R"("lastError":"refused","lastScrape":"2026-03-02T10:11:12.000Z","lastScrapeDuration":0.25,)"
            R"("health":"down","scrapeInterval":"15s","scrapeTimeout":"10s"}],"droppedTargets":[]}})");
  EXPECT_EQ(body(ask("targets", "state=dropped")),
            R"({"status":"success","data":{"activeTargets":[],"droppedTargets":[]}})");
}

TEST_F(QueryDoors, AnIoThreadAnswersSmallQueriesAndLeavesOthersToAWorker) {
  const auto ask_quickly = [&](const std::string& parameters) {
    net::Request request{
        .method = "GET", .path = "/prometheus/api/v1/query", .query = parameters, .peer = "t"};
    request.headers.add("Authorization", "Bearer " + keys[Role::viewer]);
    request.quick = true;
    std::optional<net::Response> answer;
    router->handle(std::move(request), [&](net::Response response) { answer = std::move(response); });
    return *std::move(answer);
  };
  const auto small = ask_quickly("query=load");
  ASSERT_FALSE(small.later);
  EXPECT_THAT(small.body, HasSubstr(R"("host":"c1")"));
  const auto large = ask_quickly("query={__name__=~%22lo.*%22}");
  ASSERT_TRUE(large.later) << "a regex may have to look at everything";
  const auto answer = large.later(nullptr);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, small.body);
  EXPECT_EQ(answer.headers.get("Cache-Control"), "no-store");
  const auto abandoned = large.later(std::make_shared<std::atomic<bool>>(true));
  EXPECT_EQ(abandoned.status, 503);
  EXPECT_THAT(abandoned.body, HasSubstr("canceled"));
}

}  // namespace
}  // namespace sentinella::api
