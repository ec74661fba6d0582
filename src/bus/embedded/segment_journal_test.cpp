// What segment files add to the promises of a journal: crashes, torn tails, damaged bytes.
#include "bus/embedded/segment_journal.h"

#include <atomic>
#include <cstring>
#include <future>
#include <map>
#include <random>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/temporary_directory.h"
#include "bus/embedded/segment_format.h"

namespace sentinella::bus {
namespace {

Result<std::unique_ptr<Journal>> open(const TemporaryDirectory& directory) {
  return open_segment_journal({.directory = directory.path()});
}

Offset append(Journal& journal, std::string record) {
  std::promise<Result<Offset>> promise;
  journal.append(std::move(record), [&](Result<Offset> offset) { promise.set_value(std::move(offset)); });
  return promise.get_future().get().value_or(0);
}

std::filesystem::path only_segment(const TemporaryDirectory& directory) {
  return directory.path() / "00000000000000000001.seg";
}

std::vector<std::string> read_all(const Journal& journal) {
  std::vector<std::string> records;
  EXPECT_TRUE(
      journal.read(1, [&](Offset, std::string_view record) { return records.emplace_back(record), true; }));
  return records;
}

TEST(SegmentJournal, AcknowledgedRecordsSurviveATornTail) {
  TemporaryDirectory directory;
  for (const char* record : {"one", "two", "three"}) append(**open(directory), record);
  const std::string whole = *read_file(only_segment(directory));
  const std::size_t third = whole.size() - kRecordHeaderBytes - 5;
  for (std::size_t size = third; size < whole.size(); ++size) {
    ASSERT_TRUE(write_file_atomic(only_segment(directory), whole.substr(0, size)));
    const auto journal = open(directory);
    ASSERT_TRUE(journal) << journal.error().message;
    EXPECT_THAT(read_all(**journal), testing::ElementsAre("one", "two"));
    EXPECT_EQ(append(**journal, "again"), 3u);
    EXPECT_THAT(read_all(**journal), testing::ElementsAre("one", "two", "again"));
  }
}

TEST(SegmentJournal, ATailOfZeroesIsCut) {
  TemporaryDirectory directory;
  append(**open(directory), "one");
  const std::string whole = *read_file(only_segment(directory));
  ASSERT_TRUE(write_file_atomic(only_segment(directory), whole + std::string(5000, '\0')));
  EXPECT_THAT(read_all(**open(directory)), testing::ElementsAre("one"));
}

TEST(SegmentJournal, DamageBeforeAnAcknowledgedRecordIsToldWithItsPlace) {
  TemporaryDirectory directory;
  for (const char* record : {"one", "two", "three"}) append(**open(directory), record);
  std::string bytes = *read_file(only_segment(directory));
  bytes[kSegmentHeaderBytes + kRecordHeaderBytes] ^= 1;
  ASSERT_TRUE(write_file_atomic(only_segment(directory), bytes));
  const auto journal = open(directory);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, Errc::kCorrupt);
  EXPECT_THAT(journal.error().message, testing::HasSubstr("00000000000000000001.seg at byte 28: record 1"));
}

TEST(SegmentJournal, NoDamagedByteEverYieldsAWrongRecord) {
  TemporaryDirectory directory;
  const std::vector<std::string> records = {"one", "two", "three"};
  for (const std::string& record : records) append(**open(directory), record);
  const std::string whole = *read_file(only_segment(directory));
  const std::size_t third = whole.size() - kRecordHeaderBytes - 5;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    ASSERT_TRUE(write_file_atomic(only_segment(directory), bytes));
    const auto journal = open(directory);
    if (at < third) {
      EXPECT_FALSE(journal) << "byte " << at;
    } else {
      ASSERT_TRUE(journal) << "byte " << at << ": " << journal.error().message;
      EXPECT_THAT(read_all(**journal), testing::ElementsAre("one", "two")) << "byte " << at;
    }
  }
}

TEST(SegmentJournal, DamageInAnOlderSegmentIsToldByReading) {
  TemporaryDirectory directory;
  const auto journal = *open_segment_journal({.directory = directory.path(), .segment_bytes = 100});
  for (int i = 0; i < 10; ++i) append(*journal, std::string(50, 'x'));
  const std::filesystem::path oldest = only_segment(directory);
  std::string bytes = *read_file(oldest);
  bytes[60] ^= 1;
  ASSERT_TRUE(write_file_atomic(oldest, bytes));
  const auto done = journal->read(1, [](Offset, std::string_view) { return true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::kCorrupt);
  EXPECT_THAT(done.error().message, testing::HasSubstr(oldest.string() + " at byte 28"));
}

TEST(SegmentJournal, ASegmentThatWasNeverBegunIsForgotten) {
  TemporaryDirectory directory;
  append(**open(directory), "one");
  ASSERT_TRUE(write_file_atomic(directory.path() / "00000000000000000002.seg", "SENT"));
  const auto journal = open(directory);
  ASSERT_TRUE(journal);
  EXPECT_EQ(append(**journal, "two"), 2u);
}

TEST(SegmentJournal, ANewerFormatIsRefusedWithASentence) {
  TemporaryDirectory directory;
  append(**open(directory), "one");
  std::string bytes = encode_segment_header({1, 7});
  bytes[8] = 2;
  const std::uint32_t checksum = crc32c(std::string_view(bytes).substr(0, kSegmentHeaderBytes - 4));
  std::memcpy(bytes.data() + kSegmentHeaderBytes - 4, &checksum, 4);
  ASSERT_TRUE(write_file_atomic(only_segment(directory), bytes + "xx"));
  EXPECT_EQ(open(directory).error().code, Errc::kUnsupported);
}

/// Appends numbered records from four threads and writes each acknowledged number to `pipe`, until killed.
[[noreturn]] void append_until_killed(const std::filesystem::path& directory, Duration sync_interval,
                                      int pipe) {
  const auto journal =
      open_segment_journal({.directory = directory, .sync_interval = sync_interval, .segment_bytes = 8192});
  if (!journal) ::_exit(1);
  std::atomic<std::uint64_t> next = (*journal)->last() + 1;
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w)
    writers.emplace_back([&] {
      for (;;) {
        const std::uint64_t number = next++;
        std::string record = std::to_string(number) + ":" + std::string(number % 300, 'x');
        std::promise<Offset> done;
        (*journal)->append(std::move(record),
                           [&](Result<Offset> offset) { done.set_value(offset.value_or(0)); });
        const std::uint64_t pair[2] = {done.get_future().get(), number};
        if (::write(pipe, pair, sizeof(pair)) != sizeof(pair)) ::_exit(2);
      }
    });
  writers[0].join();
  ::_exit(3);
}

/// How long syncs are put off.
class KilledSegmentJournal : public testing::TestWithParam<int> {};

TEST_P(KilledSegmentJournal, HasEveryAcknowledgedRecordOnce) {
  TemporaryDirectory directory;
  std::mt19937 random(42);
  std::map<Offset, std::uint64_t> acknowledged;
  for (int round = 0; round < 20; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) append_until_killed(directory.path(), std::chrono::seconds(GetParam()), ends[1]);
    ::close(ends[1]);
    const std::size_t enough = acknowledged.size() + 1 + random() % 60;
    std::uint64_t pair[2];
    while (acknowledged.size() < enough && ::read(ends[0], pair, sizeof(pair)) == sizeof(pair))
      acknowledged[pair[0]] = pair[1];
    ::kill(child, SIGKILL);
    while (::read(ends[0], pair, sizeof(pair)) == sizeof(pair)) acknowledged[pair[0]] = pair[1];
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed with " << status;

    const auto journal = open(directory);
    ASSERT_TRUE(journal) << journal.error().message;
    std::map<Offset, std::string> found;
    ASSERT_TRUE((*journal)->read(
        1, [&](Offset offset, std::string_view record) { return found.emplace(offset, record).second; }));
    for (const auto& [offset, number] : acknowledged)
      ASSERT_TRUE(found[offset].starts_with(std::to_string(number) + ":")) << "offset " << offset;
  }
  EXPECT_GT(acknowledged.size(), 100u);
}

INSTANTIATE_TEST_SUITE_P(SyncedAfterSeconds, KilledSegmentJournal, testing::Values(0, 3600));

TEST(SegmentJournal, WithSyncPutOffARecordIsAnsweredByWhoeverAppendsIt) {
  TemporaryDirectory directory;
  const auto journal = *open_segment_journal({.directory = directory.path(), .sync_interval = 1h});
  std::vector<Offset> answered;
  const auto take = [&](Result<Offset> offset) { answered.push_back(offset.value_or(0)); };
  journal->append("one", [&](Result<Offset> offset) {
    take(std::move(offset));
    journal->append("two", take);
  });
  EXPECT_THAT(answered, testing::ElementsAre(1, 2));
  EXPECT_THAT(read_all(*journal), testing::ElementsAre("one", "two"));
}

TEST(SegmentJournal, WithSyncPutOffRecordsAreAnsweredAtOnceAndSyncWaitsForTheDisk) {
  TemporaryDirectory directory;
  SegmentJournalOptions options{.directory = directory.path(), .sync_interval = 1h};
  {
    const auto journal = open_segment_journal(options);
    ASSERT_TRUE(journal) << journal.error().message;
    EXPECT_EQ(append(**journal, "one"), 1u);
    EXPECT_EQ((*journal)->last(), 1u);
    EXPECT_THAT(read_all(**journal), testing::ElementsAre("one"));
    EXPECT_TRUE((*journal)->sync());
    EXPECT_EQ(append(**journal, "two"), 2u);
    EXPECT_EQ(append(**journal, "three"), 3u);
    EXPECT_TRUE((*journal)->sync());
    EXPECT_TRUE((*journal)->sync());
  }
  const auto journal = open_segment_journal(options);
  EXPECT_THAT(read_all(**journal), testing::ElementsAre("one", "two", "three"));
}

TEST(SegmentJournal, WithSyncPutOffATornTailIsCutBackToWhatIsWhole) {
  TemporaryDirectory directory;
  SegmentJournalOptions options{.directory = directory.path(), .sync_interval = 1h};
  {
    const auto journal = open_segment_journal(options);
    append(**journal, "one");
    append(**journal, "two");
  }
  // "one" had not been synced when "two" was written: a hole in it is no damage, but the end.
  std::string bytes = *read_file(only_segment(directory));
  bytes[bytes.size() - 3 - kRecordHeaderBytes - 1] ^= 1;
  ASSERT_TRUE(write_file_atomic(only_segment(directory), bytes));
  const auto journal = open_segment_journal(options);
  ASSERT_TRUE(journal) << journal.error().message;
  EXPECT_THAT(read_all(**journal), testing::IsEmpty());
}

TEST(SegmentJournal, WithSyncPutOffSegmentsFollowEachOther) {
  TemporaryDirectory directory;
  SegmentJournalOptions options{.directory = directory.path(), .sync_interval = 1h};
  options.segment_bytes = 200;
  std::vector<std::string> expected;
  {
    const auto journal = open_segment_journal(options);
    for (int i = 0; i < 50; ++i) {
      expected.push_back("record " + std::to_string(i));
      append(**journal, expected.back());
    }
  }
  const auto journal = open_segment_journal(options);
  ASSERT_TRUE(journal) << journal.error().message;
  EXPECT_EQ(read_all(**journal), expected);
}

TEST(SegmentJournal, SkippedOffsetsAreNeitherReadNorGivenAgain) {
  TemporaryDirectory directory;
  {
    const auto journal = open(directory);
    append(**journal, "one");
    ASSERT_TRUE((*journal)->skip_to(5));
    ASSERT_TRUE((*journal)->skip_to(3));
    EXPECT_EQ((*journal)->last(), 5u);
    EXPECT_EQ(append(**journal, "six"), 6u);
  }
  const auto journal = open(directory);
  EXPECT_THAT(read_all(**journal), testing::ElementsAre("one", "six"));
  EXPECT_EQ((*journal)->last(), 6u);
}

TEST(SegmentJournal, ACopyHasWhatWasAnsweredAndNothingLater) {
  TemporaryDirectory directory, copies;
  auto journal = *open_segment_journal({.directory = directory.path(), .segment_bytes = 64});
  std::vector<std::string> answered;
  for (int i = 0; i < 20; ++i) append(*journal, answered.emplace_back("record " + std::to_string(i)));
  const auto copied = journal->copy_to(copies.path() / "journal");
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(*copied, 20u);
  for (int i = 0; i < 20; ++i) append(*journal, "later");
  journal->truncate_before(journal->last());
  const auto copy = *open_segment_journal({.directory = copies.path() / "journal"});
  EXPECT_EQ(read_all(*copy), answered);
  EXPECT_EQ(append(*copy, "goes on"), 21u);
}

}  // namespace
}  // namespace sentinella::bus
