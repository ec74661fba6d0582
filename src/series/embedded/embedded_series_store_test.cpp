// What this adapter adds: damage on disk, crowded memory, races of doors.
#include "series/embedded/embedded_series_store.h"

#include <fstream>
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
    auto db = *kv::Database::open({directory.path() / "series", "series store", 2});
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
