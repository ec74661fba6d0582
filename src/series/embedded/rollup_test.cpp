#include "series/embedded/rollup.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "model/staleness.h"
#include "series/embedded/rollup_codec.h"

namespace sentinella::series {
namespace {

using testing::ElementsAre;

constexpr Duration kSpan{100};

Columns samples(const std::vector<std::pair<std::int64_t, double>>& points) {
  Columns columns;
  for (const auto& [at, value] : points) {
    columns.times.push_back({at});
    columns.values.push_back(value);
  }
  return columns;
}

TEST(RollUp, AGaugeKeepsMeanExtremesAndCountOfEachSpan) {
  const RollUps rolled =
      roll_up(samples({{0, 1}, {10, 5}, {99, 3}, {100, 7}, {350, 2}}), SeriesKind::gauge, kSpan);
  EXPECT_THAT(rolled.times, ElementsAre(Time{99}, Time{100}, Time{350}));
  EXPECT_THAT(rolled.counts, ElementsAre(3, 1, 1));
  EXPECT_EQ(rolled.summary(0).min, 1);
  EXPECT_EQ(rolled.summary(0).max, 5);
  EXPECT_EQ(rolled.summary(0).sum, 9);
  EXPECT_THAT(samples_of(rolled).values, ElementsAre(3, 7, 2));
}

TEST(RollUp, TimesBefore1970FallIntoTheirOwnSpans) {
  const RollUps rolled = roll_up(samples({{-101, 1}, {-100, 2}, {-1, 4}, {0, 8}}), SeriesKind::gauge, kSpan);
  EXPECT_THAT(samples_of(rolled).values, ElementsAre(1, 3, 8));
}

TEST(RollUp, WhatACounterGrewByStaysExactOverAReset) {
  const RollUps rolled =
      roll_up(samples({{0, 10}, {10, 20}, {20, 30}, {30, 4}, {40, 6}, {120, 9}}), SeriesKind::counter, kSpan);
  EXPECT_THAT(rolled.times, ElementsAre(Time{20}, Time{40}, Time{120}));
  EXPECT_THAT(samples_of(rolled).values, ElementsAre(30, 6, 9));
  EXPECT_EQ(rolled.summary(0).first, 10);
  EXPECT_EQ(rolled.summary(1).first, 4);
  EXPECT_EQ(rolled.summary(0).sum, 60);
}

TEST(RollUp, AStalenessMarkerStaysAndSplitsItsSpan) {
  const RollUps rolled =
      roll_up(samples({{0, 1}, {1, stale_marker()}, {2, stale_marker()}, {3, 5}}), SeriesKind::gauge, kSpan);
  EXPECT_THAT(rolled.times, ElementsAre(Time{0}, Time{1}, Time{3}));
  EXPECT_TRUE(is_stale(samples_of(rolled).values[1]));
}

TEST(RollUp, ANumberIsPreferredToNaNAsExtreme) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const RollUps rolled = roll_up(samples({{0, nan}, {1, 2}, {2, 1}}), SeriesKind::gauge, kSpan);
  ASSERT_EQ(rolled.size(), 1u);
  EXPECT_EQ(rolled.summary(0).min, 1);
  EXPECT_EQ(rolled.summary(0).max, 2);
  EXPECT_TRUE(std::isnan(rolled.summary(0).sum));
}

TEST(RollUp, LateSamplesJoinTheSpanThatIsThereAlready) {
  const std::vector<RollUps> parts = {roll_up(samples({{0, 1}, {90, 3}}), SeriesKind::gauge, kSpan),
                                      roll_up(samples({{50, 8}, {150, 2}}), SeriesKind::gauge, kSpan)};
  const RollUps all = unite(parts, kSpan);
  EXPECT_THAT(all.times, ElementsAre(Time{90}, Time{150}));
  EXPECT_EQ(all.summary(0).max, 8);
  EXPECT_EQ(all.count(0), 3u);
}

TEST(RollUp, DaysAreKeptApart) {
  const std::int64_t day = Duration(std::chrono::hours(24)).count();
  const auto days =
      split_by_day(roll_up(samples({{0, 1}, {day - 1, 2}, {day, 3}}), SeriesKind::gauge, kSpan));
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[0].size(), 2u);
  EXPECT_EQ(days[1].times.front().ns, day);
}

RC_GTEST_PROP(RollUpCodec, WhatIsWrittenIsReadAgain, (bool cumulative)) {
  Columns columns;
  std::int64_t at = *rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000);
  for (const double value : *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<double>>())) {
    columns.times.push_back({at += *rc::gen::inRange(1, 200)});
    columns.values.push_back(value);
  }
  const RollUps rolled = roll_up(columns, cumulative ? SeriesKind::counter : SeriesKind::gauge, kSpan);
  const std::string bytes = encode_rollups(rolled);
  RC_ASSERT(holds_rollups(bytes));
  const auto again = decode_rollups(bytes);
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->cumulative == cumulative);
  RC_ASSERT(again->times == rolled.times);
  RC_ASSERT(again->counts == rolled.counts);
  RC_ASSERT(again->lowest == rolled.lowest);
  RC_ASSERT(again->highest == rolled.highest);
  RC_ASSERT(again->sums == rolled.sums);
  const auto summary = peek_rollups(bytes);
  RC_ASSERT(summary->rolled && summary->count == rolled.size() && summary->last == rolled.times.back());
}

TEST(RollUpCodec, ADamagedByteIsNoticed) {
  std::string bytes =
      encode_rollups(roll_up(samples({{0, 1}, {150, 2}, {250, 3.5}}), SeriesKind::gauge, kSpan));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(bytes[i] ^ 4);
    EXPECT_FALSE(decode_rollups(bytes)) << i;
    bytes[i] = static_cast<char>(bytes[i] ^ 4);
  }
  EXPECT_TRUE(decode_rollups(bytes));
}

TEST(RollUpCodec, SamplesAndRollUpsAreNotTakenForEachOther) {
  const Columns columns = samples({{0, 1}, {150, 2}});
  const std::string chunk = encode_chunk(columns.times, columns.values);
  EXPECT_FALSE(holds_rollups(chunk));
  EXPECT_EQ(decode_rollups(chunk).error().code, Errc::kCorrupt);
  const std::string rolled = encode_rollups(roll_up(columns, SeriesKind::gauge, kSpan));
  std::vector<Time> times;
  std::vector<double> values;
  EXPECT_EQ(decode_chunk(rolled, times, values).error().code, Errc::kCorrupt);
}

}  // namespace
}  // namespace sentinella::series
