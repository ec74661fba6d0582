#include <bit>

#include <gmock/gmock.h>

#include "codec/statsd_aggregator.h"

namespace sentinella::codec {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr Time kStart{1'700'000'000'000'000'000};

class Statsd : public testing::Test {
 protected:
  /// "series value" of an interval in which `datagram` came.
  std::vector<std::string> after(std::string_view datagram) {
    now = now + 10s;
    aggregator.take(datagram, now);
    std::vector<std::string> out;
    for (const auto& series : aggregator.flush(now)) {
      EXPECT_EQ(series.samples.at(0).at, now);
      const double value = series.samples.at(0).value;
      const bool stale = std::bit_cast<std::uint64_t>(value) == 0x7ff0000000000002;
      out.push_back(series.labels.to_string() + (stale ? " stale" : fmt::format(" {}", value)));
    }
    return out;
  }
  StatsdAggregator aggregator;
  Time now = kStart;
};

TEST_F(Statsd, CountersGrowAndHeedTheSampleRate) {
  EXPECT_THAT(after("hits:1|c\nhits:3|c|@0.5"), ElementsAre("hits_total 7"));
  EXPECT_THAT(after("hits:1|c"), ElementsAre("hits_total 8"));
  EXPECT_THAT(after(""), ElementsAre("hits_total 8"));
}

TEST_F(Statsd, GaugesAreSetAndChanged) {
  EXPECT_THAT(after("load:5|g"), ElementsAre("load 5"));
  EXPECT_THAT(after("load:+2.5|g\nload:-1|g"), ElementsAre("load 6.5"));
  EXPECT_THAT(after("load:0|g\nload:-3|g"), ElementsAre("load -3"));
}

TEST_F(Statsd, TimersAreSummariesInSeconds) {
  std::string text;
  for (int i = 1; i <= 100; ++i) text += fmt::format("rpc.time:{}|ms\n", i * 10);
  EXPECT_THAT(
      after(text),
      UnorderedElementsAre("rpc_time_seconds{quantile=\"0.5\"} 0.5", "rpc_time_seconds{quantile=\"0.9\"} 0.9",
                           "rpc_time_seconds{quantile=\"0.99\"} 0.99",
                           AllOf(HasSubstr("rpc_time_seconds_sum 50.")), "rpc_time_seconds_count 100"));
  EXPECT_THAT(after("rpc.time:20|ms|@0.1"), Contains("rpc_time_seconds_count 110"));
  EXPECT_THAT(after(""),
              UnorderedElementsAre(HasSubstr("rpc_time_seconds_sum"), "rpc_time_seconds_count 110"));
}

TEST_F(Statsd, HistogramsKeepTheirUnitAndMayBePacked) {
  EXPECT_THAT(after("size:1:2:3|h|#host:a"), Contains("size_sum{host=\"a\"} 6"));
  EXPECT_THAT(after("size:4|d|#host:a"), Contains("size_count{host=\"a\"} 4"));
}

TEST_F(Statsd, SetsCountDifferentMembersOfTheInterval) {
  EXPECT_THAT(after("users:ann|s\nusers:bob|s\nusers:ann|s"), ElementsAre("users 2"));
  EXPECT_THAT(after("users:ann|s"), ElementsAre("users 1"));
}

TEST_F(Statsd, TagsAreLabels) {
  EXPECT_THAT(after("x:1|c|@1|#host:a,zone.name:b:c,debug,:none,\ny:1|g|c:container|T1"),
              UnorderedElementsAre("x_total{debug=\"true\",host=\"a\",zone_name=\"b:c\"} 1", "y 1"));
}

TEST_F(Statsd, BadLinesAreCountedWithAReasonAndTheOthersKept) {
  for (const auto& [line, reason] : {std::pair<std::string, std::string>{"x", "x has no value"},
                                     {":1|c", "no name"},
                                     {"x:1", "none of the types"},
                                     {"x:1|q", "none of the types"},
                                     {"x:|c", "x has 0 values"},
                                     {"x:a|c", "no number"},
                                     {"x:1e999|g", "no number"},
                                     {"x:-1|c", "counts down"},
                                     {"x:1|c|@0", "sample rate"},
                                     {"x:1|c|@2", "sample rate"},
                                     {"x:\xff|s", "not UTF-8"}}) {
    const auto before = aggregator.counts().bad;
    aggregator.take("good:1|c\n" + line + "\r\ngood:1|c\n", now);
    EXPECT_EQ(aggregator.counts().bad, before + 1) << line;
    EXPECT_THAT(aggregator.counts().last_reason, HasSubstr(reason)) << line;
  }
  const auto bad = aggregator.counts().bad;
  aggregator.take("_e{5,4}:title|text|#x\n_sc|check|0", now);
  EXPECT_EQ(aggregator.counts().bad, bad);
}

TEST_F(Statsd, WhoeverIsSilentIsMarkedStaleAndForgotten) {
  EXPECT_THAT(after("x:1|g"), ElementsAre("x 1"));
  now = now + 289s;
  EXPECT_THAT(after(""), ElementsAre("x 1"));
  EXPECT_THAT(after(""), ElementsAre("x stale"));
  EXPECT_THAT(after(""), IsEmpty());
  EXPECT_THAT(after("x:+1|g"), ElementsAre("x 1"));
}

TEST_F(Statsd, MemoryIsBounded) {
  for (std::size_t i = 0; i < StatsdAggregator::kMostMetrics + 10; ++i)
    aggregator.take(fmt::format("m{}:1|c", i), now);
  EXPECT_EQ(aggregator.counts().bad, 10u);
  EXPECT_EQ(aggregator.flush(now).size(), StatsdAggregator::kMostMetrics);
}

}  // namespace
}  // namespace sentinella::codec
