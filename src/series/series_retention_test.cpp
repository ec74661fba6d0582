// What every series store does with old samples: rolls them up, keeps some accounts and metrics shorter.
#include <gmock/gmock.h>

#include "series/series_store_contract.h"

namespace sentinella::series {
namespace {

using testing::ElementsAre;

class SeriesRetention : public SeriesStoreContract {};

// Days of samples, one a minute, that begin with the epoch.
constexpr std::int64_t kMinute = 60'000'000'000, kDayNs = 1440 * kMinute;
const Retention kRolledAfterADay{.max_age = Duration(400 * kDayNs),
                                 .raw_age = Duration(kDayNs),
                                 .roll_up_span = Duration(10 * kMinute),
                                 .limits = {}};

TEST_P(SeriesRetention, OldDaysAreRolledUpAndStillAnswer) {
  Points points;
  for (std::int64_t i = 0; i < 3 * 1440; ++i) points.emplace_back(i * kMinute, static_cast<double>(i % 100));
  append(cpu("a"), points);
  for (int i = 0; i < 300; ++i) append(cpu("a"), {{3 * kDayNs + i, 1.0}});
  ASSERT_TRUE(store->flush());
  ASSERT_TRUE(store->enforce(kRolledAfterADay, {3 * kDayNs + kMinute}));
  const Points rolled = read(cpu("a"), {{0}, {2 * kDayNs}});
  ASSERT_EQ(rolled.size(), 2 * 144u);
  EXPECT_EQ(rolled[0], (std::pair<std::int64_t, double>(9 * kMinute, 4.5)));
  EXPECT_EQ(read(cpu("a"), {{2 * kDayNs}, {3 * kDayNs}}), Points(points.begin() + 2880, points.end()));
  const auto window = [&](WindowFunction function) {
    const Selector selector{{equal("host", "a")}};
    const Windows day{{kDayNs - 1}, Duration(kDayNs), 2, Duration(kDayNs)};
    return store->windows(kOurs, selector, day, function)->at(0).values;
  };
  EXPECT_THAT(window(WindowFunction::count), ElementsAre(1440, 1440));
  EXPECT_THAT(window(WindowFunction::max), ElementsAre(99, 99));
  EXPECT_THAT(window(WindowFunction::min), ElementsAre(0, 0));
  double sum = 0;
  for (std::size_t i = 0; i < 1440; ++i) sum += points[i].second;
  EXPECT_EQ(window(WindowFunction::sum)[0], sum);
  ASSERT_TRUE(store->enforce(kRolledAfterADay, {3 * kDayNs + kMinute}));
  ASSERT_TRUE(store->flush());
  crash();
  EXPECT_EQ(read(cpu("a"), {{0}, {2 * kDayNs}}), rolled);
  ASSERT_TRUE(store->enforce(kRolledAfterADay, {3 * kDayNs + kMinute}));
  EXPECT_EQ(read(cpu("a"), {{0}, {2 * kDayNs}}), rolled);
}

TEST_P(SeriesRetention, SeriesWithTheLabelForItStayAsTheyCame) {
  Points points;
  for (std::int64_t i = 0; i < 2 * 1440; ++i) points.emplace_back(i * kMinute, 1.0);
  append(cpu("a"), points);
  append(cpu("a"), {{9 * kDayNs, 1.0}});
  ASSERT_TRUE(store->flush());
  Retention retention = kRolledAfterADay;
  retention.raw_label = "host";
  ASSERT_TRUE(store->enforce(retention, {9 * kDayNs}));
  EXPECT_EQ(read(cpu("a"), {{0}, {kDayNs}}).size(), 1440u);
  retention.raw_label = "other";
  ASSERT_TRUE(store->enforce(retention, {9 * kDayNs}));
  EXPECT_EQ(read(cpu("a"), {{0}, {kDayNs}}).size(), 144u);
}

TEST_P(SeriesRetention, WhatComesLateForARolledDayIsRolledUpToo) {
  Points points;
  for (std::int64_t i = 0; i < 2 * 1440; ++i) points.emplace_back(i * kMinute, 1.0);
  append(cpu("a"), points);
  append(cpu("a"), {{9 * kDayNs, 1.0}});
  ASSERT_TRUE(store->flush());
  ASSERT_TRUE(store->enforce(kRolledAfterADay, {9 * kDayNs}));
  Points late;
  for (std::int64_t i = 0; i < 1000; ++i) late.emplace_back(i * kMinute + kMinute / 2, 3.0);
  append(cpu("a"), late);
  ASSERT_TRUE(store->flush());
  ASSERT_TRUE(store->enforce(kRolledAfterADay, {9 * kDayNs}));
  const Points day = read(cpu("a"), {{0}, {kDayNs / 2}});
  EXPECT_LE(day.size(), 145u) << "the newest late ones may still be in memory";
  EXPECT_EQ(day.front().second, 2) << "the mean of what came first and what came late";
}

TEST_P(SeriesRetention, SamplesThatAReplayWouldBringAgainAreNotRolledUp) {
  Points points;
  for (std::int64_t i = 0; i < 2 * 1440; ++i) points.emplace_back(i * kMinute, static_cast<double>(i));
  append(cpu("a"), points);
  append(cpu("a"), {{9 * kDayNs, 1.0}});
  ASSERT_TRUE(store->enforce(kRolledAfterADay, {9 * kDayNs}));
  EXPECT_EQ(read(cpu("a"), {{0}, {2 * kDayNs}}), points);
  crash();
  EXPECT_EQ(read(cpu("a"), {{0}, {2 * kDayNs}}), points);
}

TEST_P(SeriesRetention, ErasingTakesRollUpsToo) {
  Points points;
  for (std::int64_t i = 0; i < 2 * 1440; ++i) points.emplace_back(i * kMinute, 1.0);
  append(cpu("a"), points);
  for (int i = 0; i < 10; ++i) append(cpu("a"), {{9 * kDayNs + i * kDayNs, 1.0}});
  ASSERT_TRUE(store->flush());
  ASSERT_TRUE(store->enforce(kRolledAfterADay, {9 * kDayNs}));
  ASSERT_EQ(read(cpu("a"), {{0}, {kDayNs}}).size(), 144u);
  erase({{equal("host", "a")}}, {{0}, {kDayNs / 2}});
  EXPECT_EQ(read(cpu("a"), {{0}, {kDayNs}}).size(), 72u);
  crash();
  EXPECT_EQ(read(cpu("a"), {{0}, {kDayNs}}).size(), 72u);
}

TEST_P(SeriesRetention, AnAccountsOrAMetricsLimitIsStricterForItAlone) {
  const Labels noisy = labels({{"__name__", "debug_noise"}, {"host", "a"}});
  Points points;
  for (std::int64_t i = 0; i < 5 * 1440; ++i) points.emplace_back(i * kMinute, 1.0);
  append(cpu("a"), points);
  append(noisy, points);
  append(cpu("a"), points, kTheirs);
  ASSERT_TRUE(store->flush());
  Retention retention = kRolledAfterADay;
  retention.raw_age = retention.max_age;
  retention.limits = {{.account = kOurs, .metric = "debug_*", .max_age = Duration(2 * kDayNs)},
                      {.account = kTheirs, .max_bytes = 1}};
  ASSERT_TRUE(store->enforce(retention, {5 * kDayNs}));
  EXPECT_EQ(read(cpu("a")).size(), points.size());
  EXPECT_LT(read(noisy).size(), points.size() / 2 + 720);
  EXPECT_LT(read(cpu("a"), {{0}, {INT64_MAX}}, kTheirs).size(), 721u);
}

INSTANTIATE_TEST_SUITE_P(All, SeriesRetention, testing::ValuesIn(all_stores()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace sentinella::series
