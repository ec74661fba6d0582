#include "api/gnocchi/measures_body.h"

#include <gmock/gmock.h>

#include "api/gnocchi/json_text.h"
#include "api/gnocchi/time_text.h"

namespace sentinella::api::gnocchi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Time kNow{1'772'446'272'000'000'000};  // 2026-03-02T10:11:12Z

MeasureBody good(Outcome<MeasureBody> outcome) {
  if (!outcome) throw std::runtime_error(boost::json::serialize(outcome.error().description));
  return *std::move(outcome);
}
std::string problem(const Outcome<MeasureBody>& outcome) {
  return outcome ? "none" : boost::json::serialize(outcome.error().description);
}
std::string list_problem(std::string body) {
  return problem(read_measures(body, kNow));
}

TEST(GnocchiMeasuresBody, AListIsReadWhateverItsValuesAreWrittenAs) {
  std::string body =
      R"([{"timestamp": "2015-03-06T14:33:57", "value": 43.1}, {"value": "12", "timestamp": "2015-03-06"},
                         {"timestamp": "2015-03-07", "value": true}])";
  const auto read = good(read_measures(body, kNow));
  EXPECT_THAT(read.values, ElementsAre(43.1, 12, 1));
  EXPECT_EQ(iso_text(read.times[0]), "2015-03-06T14:33:57+00:00");
  EXPECT_EQ(read.groups.at(0).count, 3u);
}

TEST(GnocchiMeasuresBody, NumbersOfSecondsKeepTheirNanoseconds) {
  std::string body = R"([{"timestamp": 1425652437.123456789, "value": 1}])";
  EXPECT_EQ(good(read_measures(body, kNow)).times.at(0).ns, 1'425'652'437'123'456'789);
}

TEST(GnocchiMeasuresBody, BatchesNameTheirMetrics) {
  std::string by_metric = R"({"id1": [{"timestamp": 1, "value": 1}], "id2": [{"timestamp": 2, "value": 2}]})";
  const auto first = good(read_metric_batch(by_metric, kNow));
  EXPECT_EQ(first.groups.at(1).metric, "id2");
  EXPECT_EQ(first.groups.at(1).first, 1u);
  std::string by_resource = R"({"vm": {"cpu": [{"timestamp": 1, "value": 1}],
      "mem": {"archive_policy_name": "low", "unit": "B", "measures": [{"timestamp": 1, "value": 5}]}}})";
  const auto second = good(read_resource_batch(by_resource, kNow));
  EXPECT_EQ(second.groups.at(0).resource, "vm");
  EXPECT_EQ(second.groups.at(1).metric, "mem");
  EXPECT_EQ(second.groups.at(1).policy, "low");
  EXPECT_EQ(second.groups.at(1).unit, "B");
}

TEST(GnocchiMeasuresBody, OneBadMeasureRefusesTheBody) {
  EXPECT_THAT(list_problem(R"([["2015-03-06T14:33:57", 43.1]])"), HasSubstr("unexpected measures format"));
  EXPECT_THAT(list_problem("1"), HasSubstr("unexpected measures format"));
  EXPECT_THAT(list_problem(R"([{"timestamp": "x", "value": 1}])"), HasSubstr("unexpected timestamp 'x'"));
  EXPECT_THAT(
      list_problem(R"([{"timestamp": 1478012832, "value": 1}, {"timestamp": "-5 minutes", "value": 1}])"),
      HasSubstr("unexpected timestamp"));
  EXPECT_THAT(list_problem(R"([{"timestamp": "1915-03-06T14:33:57", "value": 1}])"),
              HasSubstr("after Epoch"));
  EXPECT_THAT(list_problem(R"([{"timestamp": 1, "value": "foobar"}])"),
              HasSubstr("unexpected measures value"));
  EXPECT_THAT(list_problem(R"([{"timestamp": 1}])"), HasSubstr("unexpected measures format"));
}

TEST(GnocchiMeasuresBody, WhatIsNoJsonIsSaidToBeNone) {
  EXPECT_THAT(list_problem(""), HasSubstr("Expected object or value"));
  EXPECT_THAT(list_problem("[{\"timestamp\": 1, \"value\": 1}"), HasSubstr("Unable to decode body"));
  EXPECT_THAT(list_problem("[] []"), HasSubstr("Unable to decode body"));
  EXPECT_THAT(list_problem("[{\"timestamp\": 1, \"value\": 1 2}]"), HasSubstr("Unable to decode body"));
}

TEST(GnocchiJson, LooksAsPythonWritesIt) {
  JsonText json;
  json.object().field("a", 60.0).field("b", 1e16).key("c").array().value(1).value(0.1).null().end().end();
  EXPECT_EQ(json.take(), R"({"a": 60.0, "b": 1e+16, "c": [1, 0.1, null]})");
}

TEST(GnocchiJson, InfinityIsNullUnlessAskedForOtherwise) {
  EXPECT_EQ(JsonText(true).value(HUGE_VAL).take(), "null");
  EXPECT_EQ(JsonText(false).value(HUGE_VAL).take(), "Infinity");
  EXPECT_EQ(JsonText(false).value(std::nan("")).take(), "NaN");
}

}  // namespace
}  // namespace sentinella::api::gnocchi
