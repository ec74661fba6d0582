// What this adapter adds: damage on disk, crowded memory, races of doors.
#include "series/embedded/embedded_series_store.h"

#include <fstream>
#include <map>
#include <thread>

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/temporary_directory.h"
#include "kv/database.h"
#include "series/embedded/series_rows.h"

namespace sentinella::series {
namespace {

constexpr AccountId kAccount{1};

Labels cpu(const std::string& host) {
  return Labels({{"__name__", "cpu"}, {"host", host}});
}

class EmbeddedStoreTest : public testing::Test {
 protected:
  void open(EmbeddedSeriesOptions options = {}) {
    store.reset();
    options.directory = directory.path() / "series";
    auto opened = open_embedded_series_store(options);
    ASSERT_TRUE(opened) << describe(opened.error());
    store = *std::move(opened);
  }
  AppendReport put(const std::string& host, std::int64_t from, std::int64_t count) {
    SeriesSamples samples{cpu(host), SeriesKind::gauge, {}};
    for (std::int64_t i = from; i < from + count; ++i)
      samples.samples.push_back({{i * 1'000'000'000}, static_cast<double>(i % 97)});
    SampleBlock block;
    EXPECT_TRUE(resolve_into(*store, kAccount, samples, block));
    return *store->append(kAccount, block, ++offset);
  }
  std::size_t count(const std::string& host) {
    const auto columns =
        store->select(kAccount, {{{LabelMatcher::Op::equal, "host", host}}}, {{0}, {INT64_MAX}});
    EXPECT_TRUE(columns);
    return columns && !columns->empty() ? columns->front().times.size() : 0;
  }

  TemporaryDirectory directory;
  std::unique_ptr<SeriesStore> store;
  std::uint64_t offset = 0;
};

TEST_F(EmbeddedStoreTest, ACopyOpensAtAnOffsetFromWhichAReplayMakesItWhole) {
  open();
  put("a", 0, 2000);
  ASSERT_TRUE(store->flush());
  put("a", 2000, 1000);
  put("b", 0, 10);
  ASSERT_TRUE(store->copy_to(directory.path() / "copy"));
  put("a", 3000, 10);
  store.reset();
  std::filesystem::remove_all(directory.path() / "series");
  std::filesystem::rename(directory.path() / "copy", directory.path() / "series");
  open();
  EXPECT_EQ(store->durable_offset(), 1u);
  EXPECT_GE(count("a"), 2000u);
  offset = store->durable_offset();
  put("a", 2000, 1000);
  put("b", 0, 10);
  EXPECT_EQ(count("a"), 3000u);
  EXPECT_EQ(count("b"), 10u);
}

TEST_F(EmbeddedStoreTest, ADamagedChunkIsLeftOutAndCountedAndTheRestAnswers) {
  open();
  put("a", 0, 2000);
  put("b", 0, 2000);
  ASSERT_TRUE(store->flush());
  const auto a = store->resolve(kAccount, cpu("a").canonical(), SeriesKind::gauge)->id;
  store.reset();
  {
    auto db = *kv::Database::open({directory.path() / "series", "series store", 3});
    std::string first_key, bytes;
    ASSERT_TRUE(db->scan(chunk_key(kAccount, a, {0}, 0), chunk_key(kAccount, a, {INT64_MAX}, 0),
                         [&](std::string_view key, std::string_view value) {
                           first_key = key;
                           bytes = value;
                           return false;
                         }));
    ASSERT_FALSE(bytes.empty());
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
    kv::WriteBatch batch;
    batch.put(first_key, bytes);
    ASSERT_TRUE(db->write(std::move(batch), kv::Sync::yes));
  }
  open();
  EXPECT_EQ(count("a"), 2000u - 720u);
  EXPECT_EQ(count("b"), 2000u);
  EXPECT_EQ(store->statistics().damaged_chunks, 1u);
}

TEST_F(EmbeddedStoreTest, ADamagedSnapshotCostsTheSeriesInItsBlockOnly) {
  open();
  for (int i = 0; i < 400; ++i) put("h" + std::to_string(i), i, 700);
  ASSERT_TRUE(store->flush());
  store.reset();
  const auto path = directory.path() / "series" / "head";
  std::string bytes = *read_file(path);
  ASSERT_GT(bytes.size(), 600'000u) << "more than one block";
  bytes[bytes.size() - 1000] = static_cast<char>(bytes[bytes.size() - 1000] ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
  open();
  EXPECT_EQ(count("h0"), 700u);
  EXPECT_EQ(count("h399"), 0u);
  put("h399", 5000, 3);
  EXPECT_EQ(count("h399"), 3u);
}

TEST_F(EmbeddedStoreTest, ASnapshotThatStaysIsPackedAndLosesNothing) {
  open();
  for (int i = 0; i < 400; ++i) put("h" + std::to_string(i), i, i % 50 == 0 ? 3 : 700);
  put("h7", 2, 1);  // late
  ASSERT_TRUE(store->flush());
  const auto path = directory.path() / "series" / "head";
  const auto fresh = std::filesystem::file_size(path);
  ASSERT_TRUE(store->flush());
  EXPECT_LT(std::filesystem::file_size(path), fresh / 2);
  open();
  EXPECT_EQ(store->durable_offset(), offset);
  for (int i = 0; i < 400; ++i)
    ASSERT_EQ(count("h" + std::to_string(i)), i == 7 ? 701u : i % 50 == 0 ? 3u : 700u) << i;
  // What goes on is as if nothing had happened.
  put("h9", 709, 100);
  EXPECT_EQ(count("h9"), 800u);
  open();
  --offset;
  put("h9", 709, 100);  // as a replay of the journal does
  EXPECT_EQ(count("h9"), 800u);
  std::string bytes = *read_file(path);
  bytes[bytes.size() - 1000] = static_cast<char>(bytes[bytes.size() - 1000] ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
  open();
  EXPECT_EQ(count("h0"), 3u);
  EXPECT_EQ(count("h399"), 0u);
}

TEST_F(EmbeddedStoreTest, ACrowdedHeadSealsEarlyAndLosesNothing) {
  open({.directory = {}, .max_head_bytes = 20'000});
  for (int round = 0; round < 20; ++round)
    for (int host = 0; host < 30; ++host) put(std::to_string(host), round * 50, 50);
  EXPECT_LT(store->statistics().head_bytes, 30'000u);
  for (int host = 0; host < 30; ++host) EXPECT_EQ(count(std::to_string(host)), 1000u);
  ASSERT_TRUE(store->flush());
  open({.directory = {}, .max_head_bytes = 20'000});
  for (int host = 0; host < 30; ++host) EXPECT_EQ(count(std::to_string(host)), 1000u);
}

TEST_F(EmbeddedStoreTest, WhatWasReadOnceIsStillTrueAfterMoreIsWrittenOrErased) {
  open();
  const std::vector<LabelMatcher> a{{LabelMatcher::Op::equal, "host", "a"}};
  const auto between = [&](std::int64_t from, std::int64_t until) {
    const auto columns = store->select(kAccount, {a}, {{from * 1'000'000'000}, {until * 1'000'000'000}});
    EXPECT_TRUE(columns);
    return columns && !columns->empty() ? columns->front().times.size() : 0;
  };
  put("a", 0, 3000);
  ASSERT_TRUE(store->flush());
  EXPECT_EQ(between(1500, 1600), 100u);
  EXPECT_EQ(between(1000, 2000), 1000u) << "around it";
  EXPECT_EQ(between(100, 200), 100u) << "apart from it";
  EXPECT_EQ(between(1990, 2500), 510u);
  EXPECT_EQ(count("a"), 3000u);
  put("a", 3000, 2000);
  ASSERT_TRUE(store->flush());
  EXPECT_EQ(count("a"), 5000u);
  EXPECT_EQ(between(2900, 4000), 1100u);
  ASSERT_TRUE(store->erase(kAccount, {a, {{1'000'000'000'000}, {2'000'000'000'000}}}, ++offset));
  EXPECT_EQ(count("a"), 4000u);
  EXPECT_EQ(between(900, 2100), 200u);
  const auto newest = store->instants(kAccount, {a}, {2'500'000'000'000}, 10s);
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->at(0).value, 2500 % 97);
}

TEST_F(EmbeddedStoreTest, AReaderThatMustNotWaitIsRefusedUntilTheDiskWasReadOnce) {
  open();
  const Selector a{{{LabelMatcher::Op::equal, "host", "a"}}};
  const TimeRange early{{0}, {100'000'000'000}};
  put("a", 0, 100);
  EXPECT_TRUE(store->select(kAccount, a, early, {.in_memory = true})) << "nothing was ever sealed";
  put("a", 100, 1000);
  ASSERT_TRUE(store->flush());
  const auto refused = store->select(kAccount, a, early, {.in_memory = true});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kTooLarge);
  ASSERT_TRUE(store->select(kAccount, a, early));
  const auto columns = store->select(kAccount, a, early, {.in_memory = true});
  ASSERT_TRUE(columns);
  EXPECT_EQ(columns->at(0).times.size(), 100u);
  for (int i = 0; i < 200; ++i) put("b" + std::to_string(i), 0, 1);
  EXPECT_FALSE(store->instants(kAccount, {{{LabelMatcher::Op::equal, "__name__", "cpu"}}}, {0}, 1s,
                               {.max_series = 3, .in_memory = true}));
}

TEST_F(EmbeddedStoreTest, AnInstantBeforeTheNewestSampleIsAnsweredFromMemoryAndDiskAlike) {
  open();
  const Selector all{{{LabelMatcher::Op::equal, "__name__", "cpu"}}};
  put("short", 0, 10);
  put("long", 0, 1000);
  const auto at = [&](std::int64_t second, bool in_memory = false) {
    std::map<std::string, double> values;
    const auto newest =
        store->instants(kAccount, all, {second * 1'000'000'000}, 5s, {.in_memory = in_memory});
    if (!newest) return std::map<std::string, double>{{"refused", 0}};
    for (const auto& one : *newest) values[std::string(one.labels->get("host"))] = one.value;
    const auto folded =
        store->fold_instants(kAccount, all, {second * 1'000'000'000}, 5s, {}, {.in_memory = in_memory});
    double sum = 0;
    for (const auto& [host, value] : values) sum += value;
    EXPECT_EQ(folded && !folded->empty() ? folded->front().sum : 0, sum) << second;
    return values;
  };
  using Values = std::map<std::string, double>;
  EXPECT_EQ(at(5, true), (Values{{"refused", 0}})) << "one of them is on disk there";
  EXPECT_EQ(at(5), (Values{{"short", 5}, {"long", 5}}));
  EXPECT_EQ(at(12), (Values{{"short", 9}, {"long", 12}}));
  EXPECT_EQ(at(900, true), (Values{{"long", 900 % 97}}));
  EXPECT_EQ(at(-10), (Values{}));
  EXPECT_EQ(at(2000), (Values{}));
}

TEST_F(EmbeddedStoreTest, ALongReadingEndsWhenItIsInterrupted) {
  open();
  for (int i = 0; i < 200; ++i) put("h" + std::to_string(i), 0, 1);
  const Selector all{{{LabelMatcher::Op::equal, "__name__", "cpu"}}};
  Limits limits;
  limits.interrupted = [] { return fail(Errc::kUnavailable, "enough"); };
  const auto columns = store->select(kAccount, all, {{0}, {INT64_MAX}}, limits);
  ASSERT_FALSE(columns);
  EXPECT_EQ(columns.error().message, "enough");
}

TEST_F(EmbeddedStoreTest, SamplesLaterThanTheWindowAreDropped) {
  open({.directory = {}, .late_window = 10s});
  put("a", 100, 1);
  EXPECT_EQ(put("a", 91, 1).stored, 1u);
  EXPECT_EQ(put("a", 89, 1).expired, 1u);
  EXPECT_EQ(count("a"), 2u);
}

TEST_F(EmbeddedStoreTest, DoorsMayResolveAndReadWhileBatchesAreApplied) {
  open();
  std::atomic<bool> done = false;
  std::vector<std::thread> doors;
  for (int door = 0; door < 3; ++door)
    doors.emplace_back([&, door] {
      std::uint64_t host = static_cast<std::uint64_t>(door);
      while (!done) {
        EXPECT_TRUE(
            store->resolve(kAccount, cpu(std::to_string(host++ % 500)).canonical(), SeriesKind::gauge));
        if (host % 50 == 0) {
          EXPECT_TRUE(store->fold_instants(kAccount, {{{LabelMatcher::Op::equal, "__name__", "cpu"}}},
                                           {INT64_MAX / 2}, Duration(INT64_MAX / 2), {}));
          EXPECT_TRUE(store->select(kAccount,
                                    {{{LabelMatcher::Op::equal, "host", std::to_string(host % 500)}}},
                                    {{0}, {INT64_MAX}}));
        }
      }
    });
  for (int i = 0; i < 3000; ++i) {
    put(std::to_string(i % 300), i, 3);
    EXPECT_TRUE(i % 500 != 0 || store->flush());
    EXPECT_TRUE(i % 700 != 0 || store->enforce({}, {i * 1'000'000'000LL}));
  }
  done = true;
  for (std::thread& door : doors) door.join();
  EXPECT_EQ(count("7"), 30u);
  const auto one = store->resolve(kAccount, cpu("7").canonical(), SeriesKind::gauge);
  EXPECT_EQ(store->labels(kAccount, one->id)->get("host"), "7");
}

}  // namespace
}  // namespace sentinella::series
