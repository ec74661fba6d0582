// What every journal promises, whichever adapter keeps it.
#include "bus/journal.h"

#include <future>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "bus/embedded/segment_journal.h"

namespace sentinella::bus {
namespace {

using testing::ElementsAre;

struct Adapter {
  const char* name;
  Result<std::unique_ptr<Journal>> (*open)(const std::filesystem::path&, std::uint64_t max_bytes);
};

template <std::int64_t kSyncSeconds>
Result<std::unique_ptr<Journal>> open_segments(const std::filesystem::path& path, std::uint64_t max_bytes) {
  SegmentJournalOptions options{.directory = path, .sync_interval = std::chrono::seconds(kSyncSeconds)};
  options.segment_bytes = 4096;
  options.max_bytes = max_bytes;
  return open_segment_journal(options);
}

std::vector<Adapter> all_journals() {
  return {{"segments", open_segments<0>}, {"segments_synced_later", open_segments<3600>}};
}

class JournalContract : public testing::TestWithParam<Adapter> {
 protected:
  void SetUp() override { reopen(); }
  void reopen(std::uint64_t max_bytes = 1u << 30) {
    journal.reset();
    auto opened = GetParam().open(directory.path(), max_bytes);
    ASSERT_TRUE(opened) << opened.error().message;
    journal = std::move(*opened);
  }
  Result<Offset> append(std::string record) {
    std::promise<Result<Offset>> promise;
    journal->append(std::move(record), [&](Result<Offset> offset) { promise.set_value(std::move(offset)); });
    return promise.get_future().get();
  }
  std::vector<std::string> read(Offset from) {
    std::vector<std::string> records;
    Offset next = std::max(from, journal->first());
    const auto done = journal->read(from, [&](Offset offset, std::string_view record) {
      EXPECT_EQ(offset, next++);
      records.emplace_back(record);
      return true;
    });
    EXPECT_TRUE(done) << done.error().message;
    return records;
  }

  TemporaryDirectory directory;
  std::unique_ptr<Journal> journal;
};

TEST_P(JournalContract, BeginsEmptyAndCountsFromOne) {
  EXPECT_EQ(journal->first(), 1u);
  EXPECT_EQ(journal->last(), 0u);
  EXPECT_EQ(*append("a"), 1u);
  EXPECT_EQ(append("").error().code, Errc::kInvalid) << "an empty record stands for none";
  EXPECT_EQ(*append("b"), 2u);
  EXPECT_THAT(read(1), ElementsAre("a", "b"));
  EXPECT_THAT(read(2), ElementsAre("b"));
  EXPECT_THAT(read(3), ElementsAre());
}

TEST_P(JournalContract, SkippedOffsetsAreNotReadAndNotGivenAgain) {
  ASSERT_EQ(*append("a"), 1u);
  ASSERT_TRUE(journal->skip_to(4));
  EXPECT_TRUE(journal->sync());
  EXPECT_EQ(*append("b"), 5u);
  EXPECT_EQ(journal->last(), 5u);
  std::vector<std::string> records;
  ASSERT_TRUE(
      journal->read(1, [&](Offset, std::string_view record) { return records.emplace_back(record), true; }));
  EXPECT_THAT(records, ElementsAre("a", "b"));
}

TEST_P(JournalContract, RecordsAndOffsetsSurviveReopening) {
  for (int i = 1; i <= 300; ++i) ASSERT_EQ(*append(std::string(100, static_cast<char>('a' + i % 26))), i);
  reopen();
  EXPECT_EQ(journal->last(), 300u);
  EXPECT_EQ(read(1).size(), 300u);
  EXPECT_EQ(*append("next"), 301u);
  EXPECT_THAT(read(301), ElementsAre("next"));
}

TEST_P(JournalContract, ManyWritersGetTheirOffsetsInOrder) {
  std::vector<Offset> answered;  // answers come one at a time
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w)
    writers.emplace_back([&] {
      for (int i = 0; i < 250; ++i)
        journal->append("record", [&](Result<Offset> offset) { answered.push_back(offset.value_or(0)); });
    });
  for (std::thread& writer : writers) writer.join();
  journal.reset();
  ASSERT_EQ(answered.size(), 1000u);
  for (std::size_t i = 0; i < answered.size(); ++i) ASSERT_EQ(answered[i], i + 1);
  reopen();
  EXPECT_EQ(read(1).size(), 1000u);
}

TEST_P(JournalContract, ReadingStopsWhenTheVisitorHasEnough) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(append("x"));
  int seen = 0;
  EXPECT_TRUE(journal->read(1, [&](Offset, std::string_view) { return ++seen < 3; }));
  EXPECT_EQ(seen, 3);
}

TEST_P(JournalContract, ForgetsOnlyWhatNobodyNeeds) {
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(append(std::string(100, 'x')));
  const auto before = journal->size_bytes();
  journal->truncate_before(200);
  EXPECT_LT(journal->size_bytes(), before / 2 + 4096);
  EXPECT_GT(journal->first(), 1u);
  EXPECT_LE(journal->first(), 200u);
  EXPECT_EQ(read(200).size(), 101u);
  reopen();
  EXPECT_EQ(read(200).size(), 101u);
}

TEST_P(JournalContract, AFullJournalRefusesAndWorksAgainOnceThereIsRoom) {
  reopen(32 * 1024);
  Result<Offset> answer;
  int taken = 0;
  while ((answer = append(std::string(1000, 'x')))) ASSERT_LT(++taken, 100);
  EXPECT_EQ(answer.error().code, Errc::kNoSpace);
  EXPECT_GT(taken, 20);
  EXPECT_EQ(read(1).size(), static_cast<std::size_t>(taken));
  journal->truncate_before(journal->last() + 1);
  EXPECT_EQ(*append("fits"), static_cast<Offset>(taken + 1));
}

TEST_P(JournalContract, RefusesARecordThatIsTooLarge) {
  EXPECT_EQ(append(std::string((64u << 20) + 1, 'x')).error().code, Errc::kTooLarge);
  EXPECT_EQ(*append("small"), 1u);
}

TEST_P(JournalContract, TwoServersCannotShareIt) {
  const auto second = GetParam().open(directory.path(), 1u << 30);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::kConflict);
  EXPECT_THAT(second.error().message, testing::HasSubstr(directory.path().string()));
}

INSTANTIATE_TEST_SUITE_P(All, JournalContract, testing::ValuesIn(all_journals()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace sentinella::bus
