// What every series store promises, whichever adapter keeps it.
#include "series/series_store.h"

#include <bit>
#include <map>
#include <random>

#include <gmock/gmock.h>

#include "series/series_store_contract.h"

namespace sentinella::series {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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
  EXPECT_EQ(store->needed_from(), UINT64_MAX);
  append(cpu("d"), {{1, 1}});
  EXPECT_EQ(store->needed_from(), 3u);
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
  EXPECT_EQ(store->statistics().series, 2u) << "a batch for it may be on its way";
  ASSERT_TRUE(store->enforce({.max_age = std::chrono::hours(50)}, {100 * kHour}));
  EXPECT_EQ(store->statistics().series, 1u);
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

/// Against a plain map, with random writes, deletions, flushes and crashes.
TEST_P(SeriesStoreContract, AgreesWithAMapWhateverTheOrder) {
  std::mt19937_64 random(11);
  std::map<std::string, std::map<std::int64_t, double>> model;
  const auto agrees = [&] {
    for (const auto& [host, expected] : model)
      ASSERT_EQ(read(cpu(host)), Points(expected.begin(), expected.end())) << "host " << host;
  };
  for (int step = 0; step < 3000; ++step) {
    const std::string host(1, static_cast<char>('a' + random() % 3));
    const auto centre = static_cast<std::int64_t>(random() % 4 * 1000);
    Points points;
    for (auto n = random() % 10; n > 0; --n)
      points.emplace_back(centre + static_cast<std::int64_t>(random() % 500),
                          static_cast<double>(random() % 100));
    append(cpu(host), points);
    for (const auto& [at, value] : points) model[host][at] = value;
    if (random() % 200 == 0) {
      const auto from = static_cast<std::int64_t>(random() % 4000);
      erase({{equal("host", host)}}, {{from}, {from + 300}});
      std::erase_if(model[host],
                    [&](const auto& one) { return one.first >= from && one.first < from + 300; });
    }
    ASSERT_TRUE(random() % 100 != 0 || store->flush());
    if (random() % 500 == 0) {
      crash();
      agrees();
    }
  }
  agrees();
}

TEST_P(SeriesStoreContract, ABatchDefinesASeriesUntilOneIsKnownToBeDurable) {
  const std::string canonical = cpu("a").canonical();
  const auto first = store->resolve(kOurs, canonical, SeriesKind::gauge);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->needs_definition);
  EXPECT_EQ(count({}), 0u) << "nobody has sent it yet";
  append(cpu("a"), {{10, 1}});
  const auto second = store->resolve(kOurs, canonical, SeriesKind::gauge);
  EXPECT_EQ(second->id, first->id);
  EXPECT_FALSE(second->needs_definition);
  EXPECT_EQ(store->labels(kOurs, first->id)->to_string(), "cpu{host=\"a\"}");
  EXPECT_EQ(store->labels(kTheirs, first->id), nullptr);
  crash();
  EXPECT_EQ(store->resolve(kOurs, canonical, SeriesKind::gauge)->id, first->id);
  EXPECT_NE(store->resolve(kTheirs, canonical, SeriesKind::gauge)->id, first->id);
}

TEST_P(SeriesStoreContract, IdsNeedNoDefinitionOnceAllOfThemAreDefined) {
  const auto a = store->resolve(kOurs, cpu("a").canonical(), SeriesKind::gauge)->id;
  const auto b = store->resolve(kOurs, cpu("b").canonical(), SeriesKind::gauge)->id;
  const std::vector<SeriesId> both{a, b}, only_a{a}, unknown{SeriesId{999}};
  EXPECT_FALSE(store->are_defined(only_a));
  append(cpu("a"), {{10, 1}});
  EXPECT_TRUE(store->are_defined(only_a));
  EXPECT_FALSE(store->are_defined(both));
  append(cpu("b"), {{10, 1}});
  EXPECT_TRUE(store->are_defined(both));
  EXPECT_FALSE(store->are_defined(unknown));
  ASSERT_TRUE(store->enforce({.max_age = Duration(1000)}, {1'000'500}));
  EXPECT_FALSE(store->are_defined(only_a)) << "it has no samples left and may soon be forgotten";
}

TEST_P(SeriesStoreContract, LabelsThatAreNotCanonicalAndIdsThatNobodyDefinedAreRefused) {
  EXPECT_EQ(store->resolve(kOurs, "nonsense", SeriesKind::gauge).error().code, Errc::kInvalid);
  EXPECT_EQ(store->resolve(kOurs, "", SeriesKind::gauge).error().code, Errc::kInvalid);
  SampleBlock block;
  block.add(SeriesId{77}, {10}, 1);
  EXPECT_EQ(store->append(kOurs, block, 1)->refused, 1u);
  append(cpu("a"), {{10, 1}}, kTheirs);
  block.ids = {store->resolve(kTheirs, cpu("a").canonical(), SeriesKind::gauge)->id};
  EXPECT_EQ(store->append(kOurs, block, 2)->refused, 1u) << "another account's series";
}

TEST_P(SeriesStoreContract, ARetiredSeriesComesBackWithAnotherId) {
  append(cpu("a"), {{10, 1}});
  append(cpu("b"), {{1'000'000, 1}});
  const auto before = store->resolve(kOurs, cpu("a").canonical(), SeriesKind::gauge)->id;
  const std::uint64_t epoch = store->epoch();
  const Retention retention{.max_age = Duration(1000)};
  ASSERT_TRUE(store->enforce(retention, {1'000'500}));
  EXPECT_NE(store->epoch(), epoch);
  EXPECT_TRUE(store->resolve(kOurs, cpu("a").canonical(), SeriesKind::gauge)->needs_definition);
  ASSERT_TRUE(store->enforce(retention, {1'000'500}));
  EXPECT_EQ(store->labels(kOurs, before), nullptr);
  append(cpu("a"), {{1'000'010, 5}});
  EXPECT_NE(store->resolve(kOurs, cpu("a").canonical(), SeriesKind::gauge)->id, before);
  EXPECT_THAT(read(cpu("a")), ElementsAre(std::pair(1'000'010, 5.0)));
  EXPECT_THAT(read(cpu("b")), ElementsAre(std::pair(1'000'000, 1.0)));
}

TEST_P(SeriesStoreContract, InstantsAreTheNewestSamplesThatAreNotStale) {
  const double stale = std::bit_cast<double>(kStaleBits);
  append(cpu("a"), {{10, 1}, {20, 2}, {30, 3}});
  append(cpu("gone"), {{10, 1}, {20, stale}});
  append(cpu("old"), {{1, 1}});
  const Selector all{{equal("__name__", "cpu")}};
  const auto at = [&](std::int64_t time, std::int64_t lookback) {
    std::map<std::string, double> values;
    const auto found = store->instants(kOurs, all, {time}, Duration(lookback));
    for (const InstantSample& one : *found) values[std::string(one.labels->get("host"))] = one.value;
    return values;
  };
  using Values = std::map<std::string, double>;
  EXPECT_EQ(at(30, 10), (Values{{"a", 3}}));
  EXPECT_EQ(at(29, 28), (Values{{"a", 2}}));
  EXPECT_EQ(at(29, 29), (Values{{"a", 2}, {"old", 1}}));
  EXPECT_EQ(at(19, 20), (Values{{"a", 1}, {"gone", 1}, {"old", 1}}));
  EXPECT_EQ(at(40, 10), Values{}) << "the interval is open at its start";
  append(cpu("a"), {{30, 7}});
  EXPECT_EQ(at(30, 10), (Values{{"a", 7}}));
  ASSERT_TRUE(store->flush());
  crash();
  EXPECT_EQ(at(100, 90), (Values{{"a", 7}}));
}

TEST_P(SeriesStoreContract, InstantsFoldByLabelsOrWithoutThem) {
  for (int i = 0; i < 12; ++i)
    append(labels({{"__name__", i % 2 ? "cpu" : "load"},
                   {"host", std::to_string(i % 3)},
                   {"n", std::to_string(i)}}),
           {{10, i}});
  append(labels({{"__name__", "bare"}}), {{10, 100}});
  const auto folded = [&](const Grouping& grouping) {
    std::map<std::string, std::string> rows;
    const Selector all{{{LabelMatcher::Op::regex, "__name__", ".+"}}};
    const auto found = store->fold_instants(kOurs, all, {10}, Duration(5), grouping);
    for (const FoldedGroup& group : *found)
      rows[group.labels.to_string()] =
          fmt::format("{} {} {} {}", group.count, group.sum, group.min, group.max);
    return rows;
  };
  using Rows = std::map<std::string, std::string>;
  EXPECT_EQ(folded({false, {"__name__"}}),
            (Rows{{"cpu", "6 36 1 11"}, {"load", "6 30 0 10"}, {"bare", "1 100 100 100"}}));
  EXPECT_EQ(folded({false, {}}), (Rows{{"", "13 166 0 100"}}));
  EXPECT_EQ(folded({false, {"host", "absent"}}), (Rows{{"{host=\"0\"}", "4 18 0 9"},
                                                       {"{host=\"1\"}", "4 22 1 10"},
                                                       {"{host=\"2\"}", "4 26 2 11"},
                                                       {"", "1 100 100 100"}}));
  EXPECT_EQ(folded({true, {"n"}}), folded({false, {"host"}}));
}

TEST_P(SeriesStoreContract, WindowsAgreeWithTheSamplesInThem) {
  std::mt19937_64 random(5);
  Points points;
  for (std::int64_t i = 0, at = 0; i < 3000; ++i)
    points.emplace_back(at += 1 + static_cast<std::int64_t>(random() % 20),
                        static_cast<double>(random() % 1000));
  points[1000].second = std::bit_cast<double>(kStaleBits);
  append(cpu("a"), points);
  ASSERT_TRUE(store->flush());
  if (random() % 2) append(cpu("a"), {{points[1500].first, 5.0}}), points[1500].second = 5;
  const auto expected = [&](WindowFunction function, Time end, Duration width) -> std::optional<double> {
    std::vector<double> in;
    for (const auto& [at, value] : points)
      if (at > (end - width).ns && at <= end.ns && !is_stale(value)) in.push_back(value);
    if (in.empty()) return std::nullopt;
    double sum = 0;
    for (const double value : in) sum += value;
    switch (function) {
      case WindowFunction::count:
        return static_cast<double>(in.size());
      case WindowFunction::sum:
        return sum;
      case WindowFunction::min:
        return *std::ranges::min_element(in);
      case WindowFunction::max:
        return *std::ranges::max_element(in);
      case WindowFunction::avg:
        return sum / static_cast<double>(in.size());
      case WindowFunction::first:
        return in.front();
      case WindowFunction::last:
        return in.back();
    }
    return std::nullopt;
  };
  for (const auto& [first, step, count, width] :
       {std::tuple(-100, 700, 60, 700), {5000, 9000, 4, 20000}, {33, 500, 50, 90}, {20000, 100000, 1, 50000}})
    for (int f = 0; f <= static_cast<int>(WindowFunction::last); ++f) {
      const auto function = static_cast<WindowFunction>(f);
      const Windows windows{{first}, Duration(step), static_cast<std::size_t>(count), Duration(width)};
      Points wanted;
      for (int i = 0; i < count; ++i)
        if (const auto value = expected(function, {first + i * step}, Duration(width)))
          wanted.emplace_back(first + i * step, *value);
      const auto columns = store->windows(kOurs, {{equal("host", "a")}}, windows, function);
      ASSERT_TRUE(columns);
      Points got;
      for (std::size_t i = 0; i < columns->at(0).times.size(); ++i)
        got.emplace_back(columns->at(0).times[i].ns, columns->at(0).values[i]);
      ASSERT_EQ(got, wanted) << "function " << f << ", step " << step;
    }
  EXPECT_EQ(
      store->windows(kOurs, {{equal("host", "a")}}, {{0}, Duration(0), 1, Duration(1)}, WindowFunction::sum)
          .error()
          .code,
      Errc::kInvalid);
}

TEST_P(SeriesStoreContract, WhatIsErasedStaysErasedAndTheRestStays) {
  Points points;
  for (int i = 0; i < 2000; ++i) points.emplace_back(i * 10, i);
  append(cpu("a"), points);
  append(cpu("b"), points);
  ASSERT_TRUE(store->flush());
  append(cpu("a"), {{20'000, 1}, {5, 5}});
  erase({{equal("host", "a")}}, {{3'000}, {INT64_MAX}});
  const auto check = [&] {
    EXPECT_EQ(read(cpu("a")).size(), 301u);
    EXPECT_EQ(read(cpu("a")).back(), std::pair(std::int64_t{2'990}, 299.0));
    EXPECT_EQ(read(cpu("b")), points);
    const auto newest = store->instants(kOurs, {{equal("host", "a")}}, {50'000}, Duration(50'000));
    ASSERT_EQ(newest->size(), 1u);
    EXPECT_EQ(newest->front().value, 299);
  };
  check();
  crash();
  check();
  append(cpu("a"), {{4'000, 8}});
  EXPECT_EQ(read(cpu("a")).back(), std::pair(std::int64_t{4'000}, 8.0));
  EXPECT_EQ(store->erase(kOurs, {}, 99).error().code, Errc::kInvalid);
}

TEST_P(SeriesStoreContract, NamesAndValuesOfLabelsAreListed) {
  append(labels({{"__name__", "cpu"}, {"host", "a"}, {"zone", "1"}}), {{10, 1}});
  append(labels({{"__name__", "cpu"}, {"host", "b"}}), {{10, 1}});
  append(labels({{"__name__", "load"}, {"rack", "r"}}), {{10, 1}});
  EXPECT_THAT(*store->label_names(kOurs, {}), ElementsAre("__name__", "host", "rack", "zone"));
  EXPECT_THAT(*store->label_names(kOurs, {{equal("host", "b")}}), ElementsAre("__name__", "host"));
  EXPECT_THAT(*store->label_values(kOurs, "host", {}), ElementsAre("a", "b"));
  EXPECT_THAT(*store->label_values(kOurs, "host", {{equal("zone", "1")}}), ElementsAre("a"));
  EXPECT_THAT(*store->label_values(kOurs, "absent", {}), IsEmpty());
  EXPECT_THAT(*store->label_values(kTheirs, "host", {}), IsEmpty());
  const auto kinds = store->metric_kinds(kOurs);
  ASSERT_EQ(kinds.size(), 2u);
  EXPECT_EQ(kinds[0].name, "cpu");
}

INSTANTIATE_TEST_SUITE_P(All, SeriesStoreContract, testing::ValuesIn(all_stores()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace sentinella::series
