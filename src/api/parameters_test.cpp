#include "api/parameters.h"

#include <gtest/gtest.h>

#include "api/native/samples.h"
#include "api/native/secrets.h"

namespace sentinella::api {
namespace {

constexpr Time kNow{1'772'446'272'000'000'000};

Result<Query> query(std::string text) {
  net::Request request;
  request.query = std::move(text);
  return Query::read(request, {"from", "to", "page", "page_size", "host"}, {"status"});
}

TEST(Parameters, AnUnknownOneIsNamedWithTheNearestKnown) {
  const auto error = query("pge=2").error();
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_EQ(error.field, "pge");
  EXPECT_NE(error.message.find("\"page\""), std::string::npos);
}

TEST(Parameters, OnlyThoseThatMayRepeatDo) {
  EXPECT_EQ(query("status=open&status=ack")->all("status"), (std::vector<std::string>{"open", "ack"}));
  EXPECT_EQ(query("host=a&host=b").error().field, "host");
}

TEST(Parameters, NumbersOutOfBoundsAreRefused) {
  EXPECT_EQ(query("page=3&page_size=20")->page()->begin(), 40u);
  for (const auto* bad :
       {"page=0", "page=-1", "page=x", "page_size=1001", "page=1e3", "page=99999999999999999999"})
    EXPECT_FALSE(query(bad)->page()) << bad;
}

TEST(Parameters, TimesAreAbsoluteOrRelativeToNow) {
  EXPECT_EQ(parse_when("now", kNow, "from").value(), kNow);
  EXPECT_EQ(parse_when("now-15m", kNow, "from").value(), kNow - std::chrono::minutes(15));
  EXPECT_EQ(parse_when("now+1h", kNow, "from").value(), kNow + std::chrono::hours(1));
  EXPECT_EQ(parse_when("2026-03-02T10:11:12Z", kNow, "from").value(), kNow);
  for (const auto* bad : {"", "now-", "now--5m", "now-5x", "yesterday", "now-9999999999w"})
    EXPECT_EQ(parse_when(bad, kNow, "from").error().field, "from") << bad;
}

TEST(Parameters, ARangeIncludesItsEnds) {
  const auto range = query("from=now-1h&to=now")->range(kNow, std::nullopt).value();
  EXPECT_TRUE(range.contains(kNow));
  EXPECT_TRUE(range.contains(kNow - std::chrono::hours(1)));
  EXPECT_EQ(query("from=now&to=now-1h")->range(kNow, std::nullopt).error().field, "from");
  EXPECT_EQ(query("")->range(kNow, std::nullopt)->until.ns, INT64_MAX);
  EXPECT_EQ(query("")->range(kNow, Duration(10))->from, kNow - Duration(9));
}

TEST(Parameters, ABodyMustSayThatItIsJson) {
  net::Request request;
  request.body = R"({"name":"x"})";
  EXPECT_EQ(json_body(request, {"name"}).error().code, Errc::kUnsupported);
  request.headers.set("Content-Type", "application/json; charset=utf-8");
  EXPECT_TRUE(json_body(request, {"name"}));
  EXPECT_EQ(json_body(request, {"names"}).error().field, "name");
  request.body = std::string((1u << 20) + 1, ' ');
  EXPECT_EQ(json_body(request, {"name"}).error().code, Errc::kTooLarge);
}

series::SeriesColumns columns(std::vector<double> values) {
  series::SeriesColumns made;
  for (std::size_t i = 0; i < values.size(); ++i)
    made.times.push_back({static_cast<std::int64_t>(i) * 1'000'000'000});
  made.values = std::move(values);
  return made;
}

TEST(Samples, ARateSurvivesAResetAndAGap) {
  const auto rate = native::to_rate(columns({10, 30, NAN, 50, 5, 6}));
  EXPECT_EQ(rate.values, (std::vector<double>{20, 10, 5, 1}));
  EXPECT_EQ(rate.times[1].ns, 3'000'000'000);
}

TEST(Samples, ManyPointsBecomeTheMeansOfSlices) {
  const TimeRange range{{0}, {8'000'000'000}};
  const auto thin = native::thin_out(columns({1, 3, 5, 7, 9, NAN, 13, 15}), range, 4);
  EXPECT_EQ(thin.values, (std::vector<double>{2, 6, 9, 14}));
  EXPECT_EQ(thin.times.back().ns, 7'000'000'000);
  EXPECT_EQ(native::thin_out(columns({1, NAN, 3}), range, 100).values, (std::vector<double>{1, 3}));
  EXPECT_TRUE(native::thin_out(columns({}), range, 4).values.empty());
}

TEST(Secrets, AreShownMaskedAndKeptWhenSentBackMasked) {
  const boost::json::object stored{{"url", "https://x"}, {"secret", "s3"}};
  const auto shown = native::mask_secrets(stored, {"secret", "password"});
  EXPECT_EQ(shown, (boost::json::object{{"url", "https://x"}, {"secret", "***"}}));
  EXPECT_EQ(native::restore_secrets(shown, stored, {"secret"}).value(), stored);
  EXPECT_EQ(native::restore_secrets(shown, {}, {"secret"}).error().field, "secret");
}

}  // namespace
}  // namespace sentinella::api
