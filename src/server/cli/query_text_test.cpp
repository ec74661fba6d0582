#include "server/cli/query_text.h"

#include <gtest/gtest.h>

#include "server/cli/chart.h"

namespace sentinella::server {
namespace {

constexpr Time kNow{1'700'000'000'000'000'000};

boost::json::object parse(std::string_view text) {
  return boost::json::parse(text).as_object();
}

TEST(QueryCommand, AsksForAnInstantUnlessARangeIsNamed) {
  EXPECT_EQ(query_path({.expression = "up == 1"}, kNow).value(),
            "/prometheus/api/v1/query?query=up%20%3D%3D%201&time=1700000000.000");
  EXPECT_EQ(query_path({.expression = "up", .at = "now-1m"}, kNow).value(),
            "/prometheus/api/v1/query?query=up&time=1699999940.000");
  EXPECT_EQ(query_path({.expression = "up", .from = "5", .until = "65"}, kNow).value(),
            "/prometheus/api/v1/query_range?query=up&start=5.000&end=65.000&step=1.000");
  EXPECT_EQ(query_path({.expression = "up", .step = "1m", .chart = true}, kNow).value(),
            "/prometheus/api/v1/query_range?query=up&start=1699996400.000&end=1700000000.000&step=1m");
  EXPECT_FALSE(query_path({.expression = "up", .at = "5", .chart = true}, kNow));
  EXPECT_FALSE(query_path({.expression = "up", .at = "yesterday"}, kNow));
}

TEST(QueryCommand, PrintsAVectorAsATable) {
  EXPECT_EQ(format_answer(parse(R"({"data":{"resultType":"vector","result":[
      {"metric":{"__name__":"up","host":"c1"},"value":[5,"1"]},
      {"metric":{"__name__":"up","zone":"b"},"value":[5,"NaN"]}]}})"),
                          false),
            "__name__  host  zone  VALUE\n"
            "up        c1    -     1\n"
            "up        -     b     NaN\n");
}

TEST(QueryCommand, PrintsAFewSeriesStepByStep) {
  EXPECT_EQ(format_answer(parse(R"({"data":{"resultType":"matrix","result":[
      {"metric":{"host":"c1"},"values":[[60,"1"],[120,"2"]]},{"metric":{},"values":[[120,"7"]]}]}})"),
                          false),
            "TIME                      {host=\"c1\"}  {}\n"
            "1970-01-01T00:01:00.000Z  1            -\n"
            "1970-01-01T00:02:00.000Z  2            7\n");
}

TEST(QueryCommand, SaysSoWhenNothingMatches) {
  EXPECT_EQ(format_answer(parse(R"({"data":{"resultType":"vector","result":[]}})"), false),
            "nothing matches\n");
  EXPECT_EQ(format_answer(parse(R"({"data":{"resultType":"scalar","result":[5,"42"]}})"), false), "42\n");
}

TEST(Chart, DrawsLowToTheLeftBottomAndHighToTheRightTop) {
  EXPECT_EQ(draw_chart({{"a", {{0, 0}, {10, 5}, {20, 10}}}}, 41, 3),
            "        10 |                                        *\n"
            "           |                    *\n"
            "         0 |*\n"
            "           +-----------------------------------------\n"
            "            1970-01-01T00:00:00   1970-01-01T00:00:20\n"
            "          * a\n");
}

TEST(Chart, SurvivesNoPointsAndOnePoint) {
  EXPECT_EQ(draw_chart({}, 40, 5), "no points\n");
  EXPECT_EQ(draw_chart({{"a", {{0, std::numeric_limits<double>::infinity()}}}}, 40, 5), "no points\n");
  EXPECT_NE(draw_chart({{"a", {{3, 3}}}}, 40, 5).find("* a"), std::string::npos);
}

}  // namespace
}  // namespace sentinella::server
