// What every series store promises, whichever adapter keeps it.
#include "series/series_store.h"

#include <bit>
#include <map>
#include <random>

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::series {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Adapter {
  const char* name;
  Result<std::unique_ptr<SeriesStore>> (*open)(const std::filesystem::path&);
};

std::vector<Adapter> all_stores() {
  return {{"embedded", [](const std::filesystem::path& path) {
             return open_embedded_series_store({.directory = path, .max_series_per_account = 50});
           }}};
}

constexpr AccountId kOurs{1}, kTheirs{2};

Labels labels(std::vector<Label> list) {
  return Labels(std::move(list));
}
Labels cpu(std::string host) {
  return labels({{"__name__", "cpu"}, {"host", std::move(host)}});
}
LabelMatcher equal(std::string name, std::string value) {
  return {LabelMatcher::Op::equal, std::move(name), std::move(value)};
}

class SeriesStoreContract : public testing::TestWithParam<Adapter> {
 protected:
  using Points = std::vector<std::pair<std::int64_t, double>>;

  void SetUp() override { reopen(); }
  void reopen() {
    store.reset();
    auto opened = GetParam().open(directory.path());
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
  }
  AppendReport append(const Labels& series, const Points& points, AccountId account = kOurs) {
    SeriesSamples samples{series, SeriesKind::gauge, {}};
    for (const auto& [at, value] : points) samples.samples.push_back({{at}, value});
    SampleBlock block;
    if (!resolve_into(*store, account, samples, block)) return {.refused = points.size()};
    const auto report = store->append(account, block, ++offset);
    EXPECT_TRUE(report);
    return report.value_or(AppendReport{});
  }
  Points read(const Labels& series, TimeRange range = {{INT64_MIN}, {INT64_MAX}}, AccountId account = kOurs) {
    Selector selector;
    for (const Label& label : series) selector.matchers.push_back(equal(label.name, label.value));
    const auto columns = store->select(account, selector, range);
    EXPECT_TRUE(columns) << columns.error().message;
    Points points;
    if (columns && !columns->empty())
      for (std::size_t i = 0; i < columns->front().times.size(); ++i)
        points.emplace_back(columns->front().times[i].ns, columns->front().values[i]);
    return points;
  }
  std::size_t count(std::vector<LabelMatcher> matchers) {
    const auto found = store->find(kOurs, {std::move(matchers)});
    EXPECT_TRUE(found) << found.error().message;
    return found ? found->size() : 0;
  }

  TemporaryDirectory directory;
  std::unique_ptr<SeriesStore> store;
  std::uint64_t offset = 0;
};

TEST_P(SeriesStoreContract, SamplesCanBeReadAtOnceInOrderOfTime) {
  const auto report = append(cpu("a"), {{30, 3}, {10, 1}, {20, 2}});
  EXPECT_EQ(report.stored, 3u);
  EXPECT_THAT(read(cpu("a")), ElementsAre(std::pair(10, 1.0), std::pair(20, 2.0), std::pair(30, 3.0)));
}

TEST_P(SeriesStoreContract, RangeIncludesItsStartAndExcludesItsEnd) {
  append(cpu("a"), {{10, 1}, {20, 2}, {30, 3}});
  EXPECT_THAT(read(cpu("a"), {{10}, {30}}), ElementsAre(std::pair(10, 1.0), std::pair(20, 2.0)));
  EXPECT_THAT(read(cpu("a"), {{20}, {20}}), IsEmpty());
}

TEST_P(SeriesStoreContract, TheNewerWriteWinsAtOneInstant) {
  append(cpu("a"), {{10, 1}});
  const auto report = append(cpu("a"), {{10, 2}});
  EXPECT_EQ(report.replaced, 1u);
  EXPECT_THAT(read(cpu("a")), ElementsAre(std::pair(10, 2.0)));
}

TEST_P(SeriesStoreContract, TheNewerWriteWinsEvenLongAfterTheFirst) {
  Points points;
  for (int i = 0; i < 1000; ++i) points.emplace_back(i, 1.0);
  append(cpu("a"), points);
  ASSERT_TRUE(store->flush());
  append(cpu("a"), {{500, 7}, {-5, 8}});
  EXPECT_EQ(read(cpu("a"), {{500}, {501}}), (Points{{500, 7}}));
  EXPECT_EQ(read(cpu("a")).size(), 1001u);
  for (int i = 0; i < 300; ++i) append(cpu("a"), {{1000 + i, 1.0}});
  ASSERT_TRUE(store->flush());
  reopen();
  EXPECT_EQ(read(cpu("a"), {{500}, {501}}), (Points{{500, 7}}));
  EXPECT_EQ(read(cpu("a"), {{-10}, {0}}), (Points{{-5, 8}}));
}

TEST_P(SeriesStoreContract, AppendingABatchTwiceChangesNothing) {
  Points points;
  for (int i = 0; i < 500; ++i) points.emplace_back(i * 10, i);
  append(cpu("a"), points);
  ASSERT_TRUE(store->flush());
  append(cpu("a"), points);
  EXPECT_EQ(read(cpu("a")), points);
}

TEST_P(SeriesStoreContract, ATenantSeesOnlyItsOwn) {
  append(cpu("a"), {{10, 1}}, kOurs);
  append(cpu("a"), {{10, 2}}, kTheirs);
  append(cpu("b"), {{10, 3}}, kTheirs);
  EXPECT_THAT(read(cpu("a"), {{0}, {90}}, kOurs), ElementsAre(std::pair(10, 1.0)));
  EXPECT_EQ(count({}), 1u);
  ASSERT_TRUE(store->flush());
  reopen();
  EXPECT_THAT(read(cpu("a"), {{0}, {90}}, kTheirs), ElementsAre(std::pair(10, 2.0)));
  EXPECT_EQ(count({}), 1u);
}

TEST_P(SeriesStoreContract, MatchersMeanWhatPrometheusMeans) {
  using Op = LabelMatcher::Op;
  for (const char* host : {"a", "b", "ab"}) append(cpu(host), {{10, 1}});
  append(labels({{"__name__", "cpu"}}), {{10, 1}});
  EXPECT_EQ(count({equal("__name__", "cpu")}), 4u);
  EXPECT_EQ(count({equal("host", "a")}), 1u);
  EXPECT_EQ(count({equal("host", "")}), 1u);
  EXPECT_EQ(count({{Op::not_equal, "host", "a"}}), 3u);
  EXPECT_EQ(count({{Op::not_equal, "host", ""}}), 3u);
  EXPECT_EQ(count({{Op::regex, "host", "a.*"}}), 2u);
  EXPECT_EQ(count({{Op::regex, "host", "a"}}), 1u);
  EXPECT_EQ(count({{Op::regex, "host", "|a"}}), 2u);
  EXPECT_EQ(count({{Op::not_regex, "host", "a|b"}}), 2u);
  EXPECT_EQ(count({equal("__name__", "cpu"), {Op::not_regex, "host", ".+"}}), 1u);
  EXPECT_EQ(count({equal("absent", "x")}), 0u);
}

TEST_P(SeriesStoreContract, RefusesASelectorThatIsWrongOrMatchesEverything) {
  using Op = LabelMatcher::Op;
  append(cpu("a"), {{10, 1}});
  const TimeRange range{{0}, {90}};
  EXPECT_EQ(store->select(kOurs, {}, range).error().code, Errc::kInvalid);
  EXPECT_EQ(store->select(kOurs, {{{Op::regex, "host", ".*"}}}, range).error().code, Errc::kInvalid);
  const auto bad = store->select(kOurs, {{{Op::regex, "host", "("}}}, range);
  EXPECT_EQ(bad.error().code, Errc::kInvalid);
  EXPECT_EQ(bad.error().field, "host");
}

TEST_P(SeriesStoreContract, LimitsHold) {
  for (int i = 0; i < 10; ++i) append(cpu(std::to_string(i)), {{10, 1}, {20, 1}});
  const Selector all{{equal("__name__", "cpu")}};
  EXPECT_EQ(store->select(kOurs, all, {{0}, {90}}, {.max_series = 9}).error().code, Errc::kTooLarge);
  EXPECT_EQ(store->select(kOurs, all, {{0}, {90}}, {.max_samples = 19}).error().code, Errc::kTooLarge);
  EXPECT_TRUE(store->select(kOurs, all, {{0}, {90}}, {.max_series = 10, .max_samples = 20}));
  EXPECT_EQ(store->find(kOurs, {}, 9).error().code, Errc::kTooLarge);
}

TEST_P(SeriesStoreContract, AnAccountCannotGrowSeriesWithoutEnd) {
  std::size_t refused = 0;
  for (int i = 0; i < 60; ++i) refused += append(cpu(std::to_string(i)), {{10, 1}}).refused;
  EXPECT_EQ(refused, 10u);
  EXPECT_EQ(append(cpu("0"), {{20, 1}}).stored, 1u);
  EXPECT_EQ(append(cpu("0"), {{20, 1}}, kTheirs).stored, 1u);
}

TEST_P(SeriesStoreContract, WhatIsFlushedIsThereAfterReopening) {
  EXPECT_EQ(store->durable_offset(), 0u);
  Points points;
  for (int i = 0; i < 777; ++i) points.emplace_back(i * 10, i * 0.5);
  append(cpu("a"), points);
  append(cpu("b"), {{5, std::bit_cast<double>(0x7ff0000000000002u)}});
  EXPECT_EQ(store->durable_offset(), 0u);
  ASSERT_TRUE(store->flush());
  EXPECT_EQ(store->durable_offset(), 2u);
  append(cpu("c"), {{1, 1}});
  reopen();
  EXPECT_EQ(store->durable_offset(), 2u);
  EXPECT_EQ(read(cpu("a")), points);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(read(cpu("b"))[0].second), 0x7ff0000000000002u);
  EXPECT_EQ(store->statistics().series, 2u);
  append(cpu("d"), {{1, 1}});
  EXPECT_THAT(read(cpu("d")), ElementsAre(std::pair(1, 1.0)));
}

TEST_P(SeriesStoreContract, DropsWhatIsTooOldAndTheSeriesWithIt) {
  constexpr std::int64_t kHour = 3'600'000'000'000;
  Points points;
  for (int i = 0; i < 1000; ++i) points.emplace_back(i * kHour / 10, i);
  append(cpu("a"), points);
  append(cpu("gone"), {{1, 1}});
  ASSERT_TRUE(store->flush());
  ASSERT_TRUE(store->enforce({.max_age = std::chrono::hours(50)}, {100 * kHour}));
  EXPECT_EQ(read(cpu("a")).front().first, 50 * kHour);
  EXPECT_EQ(count({equal("host", "gone")}), 0u);
  EXPECT_EQ(append(cpu("a"), {{49 * kHour, 1}}).expired, 1u);
  ASSERT_TRUE(store->flush());
  reopen();
  EXPECT_EQ(store->statistics().series, 1u);
  EXPECT_EQ(read(cpu("a"), {{50 * kHour}, {INT64_MAX}}).size(), 500u);
}

TEST_P(SeriesStoreContract, DropsTheOldestWhenThereIsTooMuch) {
  constexpr std::int64_t kHour = 3'600'000'000'000;
  std::mt19937_64 random(1);
  Points points;
  for (int i = 0; i < 12'000; ++i) points.emplace_back(i * kHour / 100, static_cast<double>(random()));
  append(cpu("a"), points);
  ASSERT_TRUE(store->flush());
  ASSERT_TRUE(store->enforce({.max_bytes = 50'000}, {120 * kHour}));
  const Points left = read(cpu("a"));
  EXPECT_GT(left.size(), 3'000u);
  EXPECT_LT(left.size(), 8'000u);
  EXPECT_EQ(left.back(), points.back());
}

/// Against a plain map, with random writes, flushes and reopenings.
TEST_P(SeriesStoreContract, AgreesWithAMapWhateverTheOrder) {
  std::mt19937_64 random(11);
  std::map<std::string, std::map<std::int64_t, double>> model, durable;
  for (int step = 0; step < 3000; ++step) {
    const std::string host(1, static_cast<char>('a' + random() % 3));
    const auto centre = static_cast<std::int64_t>(random() % 4 * 1000);
    Points points;
    for (auto n = random() % 10; n > 0; --n)
      points.emplace_back(centre + static_cast<std::int64_t>(random() % 500),
                          static_cast<double>(random() % 100));
    append(cpu(host), points);
    for (const auto& [at, value] : points) model[host][at] = value;
    if (random() % 100 == 0) {
      ASSERT_TRUE(store->flush());
      durable = model;
    }
    if (random() % 500 == 0) {
      reopen();
      model = durable;
    }
  }
  for (const auto& [host, expected] : model)
    EXPECT_EQ(read(cpu(host)), Points(expected.begin(), expected.end()));
}

INSTANTIATE_TEST_SUITE_P(All, SeriesStoreContract, testing::ValuesIn(all_stores()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace sentinella::series
