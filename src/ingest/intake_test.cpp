#include "ingest/intake.h"

#include <atomic>
#include <future>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "bus/embedded/segment_journal.h"
#include "events/embedded/embedded_event_store.h"
#include "ingest/watermarks.h"
#include "logs/embedded/embedded_log_store.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::ingest {
namespace {

using testing::ElementsAre;

constexpr AccountId kAccount{1};

BatchId batch_id(std::uint64_t sequence, std::uint64_t epoch = 7) {
  return {"agent-1", epoch, sequence, SignalKind::logs};
}

Batch line_batch(const std::string& text, std::optional<BatchId> id = std::nullopt) {
  Batch batch;
  batch.account = kAccount;
  batch.received = {1'000'000'000};
  batch.id = std::move(id);
  LogRecord record;
  record.time = batch.received;
  record.host = "c1";
  record.raw = record.message = text;
  batch.logs.push_back(record);
  return batch;
}

/// A whole intake over stores in one directory; "crashes" by being dropped without a checkpoint.
class IntakeTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/intakeXXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    open();
  }
  void TearDown() override {
    close();
    std::filesystem::remove_all(directory_);
  }

  void open() {
    journal_ = *bus::open_segment_journal({.directory = directory_ / "journal"});
    series_ = *series::open_embedded_series_store({.directory = directory_ / "series"});
    logs_ = *logs::open_embedded_log_store({.directory = directory_ / "logs"});
    events_ = *events::open_embedded_event_store({.directory = directory_ / "events"});
    auto intake = Intake::open(
        *journal_, {*series_, *logs_, *events_},
        [this](const Batch& batch, bus::Offset offset) {
          if (held_.valid()) held_.wait();
          for (const LogRecord& record : batch.logs) tapped_.push_back(record.raw);
          tap_offset_ = offset;
        },
        tap_offset_, directory_ / "watermarks");
    ASSERT_TRUE(intake) << describe(intake.error());
    intake_ = *std::move(intake);
  }
  void close() {
    intake_.reset();
    events_.reset();
    logs_.reset();
    series_.reset();
    journal_.reset();
  }

  Result<bus::Offset> submit(Batch batch, Until until = Until::applied) {
    std::promise<Result<bus::Offset>> promise;
    intake_->submit(std::move(batch), until,
                    [&](Result<bus::Offset> done) { promise.set_value(std::move(done)); });
    return promise.get_future().get();
  }
  std::vector<std::string> stored_lines() const {
    const auto page = logs_->search(kAccount, {.newest_first = false});
    std::vector<std::string> lines;
    for (const auto& [id, record] : page->records) lines.push_back(record.raw);
    return lines;
  }

  std::filesystem::path directory_;
  std::unique_ptr<bus::Journal> journal_;
  std::unique_ptr<series::SeriesStore> series_;
  std::unique_ptr<logs::LogStore> logs_;
  std::unique_ptr<events::EventStore> events_;
  std::vector<std::string> tapped_;
  std::shared_future<void> held_;  ///< the tap waits for it
  bus::Offset tap_offset_ = 0;
  std::unique_ptr<Intake> intake_;
};

TEST_F(IntakeTest, WhatIsAppliedCanBeReadAtOnce) {
  EXPECT_EQ(submit(line_batch("one")).value(), 1u);
  EXPECT_THAT(stored_lines(), ElementsAre("one"));
  EXPECT_THAT(tapped_, ElementsAre("one"));
}

TEST_F(IntakeTest, WhoeverSendsMoreThanTheStoresKeepUpWithWaitsForThem) {
  std::promise<void> release, answered;
  held_ = release.get_future().share();
  ASSERT_TRUE(submit(line_batch("small"), Until::durable));
  Result<bus::Offset> answer;
  intake_->submit(line_batch(std::string(5u << 20, 'x')), Until::durable, [&](Result<bus::Offset> done) {
    answer = std::move(done);
    answered.set_value();
  });
  auto waiting = answered.get_future();
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  release.set_value();
  waiting.wait();
  EXPECT_EQ(*answer, 2u);
  EXPECT_EQ(intake_->statistics().applied_offset, 2u);
}

TEST_F(IntakeTest, ABatchSentAgainIsAnsweredButNotStoredAgain) {
  EXPECT_EQ(submit(line_batch("one", batch_id(1))).value(), 1u);
  EXPECT_EQ(submit(line_batch("one", batch_id(1))).value(), 0u);
  EXPECT_EQ(submit(line_batch("of another spool", batch_id(1, 8))).value(), 2u);
  EXPECT_THAT(tapped_, ElementsAre("one", "of another spool"));
  EXPECT_EQ(intake_->statistics().duplicates, 1u);
}

TEST_F(IntakeTest, ARaceOfTwoEqualBatchesStoresOne) {
  std::atomic<int> answered = 0;
  for (int i = 0; i < 20; ++i)
    intake_->submit(line_batch("one", batch_id(1)), Until::durable, [&](Result<bus::Offset> done) {
      EXPECT_TRUE(done);
      ++answered;
    });
  ASSERT_TRUE(submit(line_batch("end")));
  EXPECT_EQ(answered, 20);
  EXPECT_THAT(tapped_, ElementsAre("one", "end"));
}

TEST_F(IntakeTest, AReplayGivesEveryConsumerOnlyWhatItHasNotSeen) {
  for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(submit(line_batch(text)));
  const bus::Offset seen = tap_offset_;
  ASSERT_TRUE(intake_->checkpoint(seen));
  ASSERT_TRUE(submit(line_batch("d")));
  close();
  tapped_.clear();
  tap_offset_ = seen - 1;  // the tap had stored less than the stores
  open();
  EXPECT_THAT(tapped_, ElementsAre("c", "d"));
  EXPECT_THAT(stored_lines(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(IntakeTest, DuplicatesAreKnownAfterRestartsAndCheckpoints) {
  for (std::uint64_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(submit(line_batch("line " + std::to_string(i), batch_id(i))));
    ASSERT_TRUE(submit(line_batch("line " + std::to_string(i), batch_id(i))));
    if (i != 3) {
      ASSERT_TRUE(intake_->checkpoint(tap_offset_));
    }
    close();
    open();
  }
  for (std::uint64_t i = 1; i <= 5; ++i) EXPECT_EQ(submit(line_batch("line", batch_id(i))).value(), 0u) << i;
  EXPECT_EQ(stored_lines().size(), 5u);
  EXPECT_EQ(tapped_.size(), 5u);
}

TEST_F(IntakeTest, TheJournalForgetsOnlyWhatEveryoneHas) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(submit(line_batch("x")));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(intake_->checkpoint(0));  // the tap has stored nothing
  close();
  tapped_.clear();
  tap_offset_ = 0;
  open();
  EXPECT_EQ(tapped_.size(), 10u);
}

TEST(WatermarksTest, TheTableReadsWhatItWroteAndRefusesDamage) {
  Watermarks table;
  for (std::uint64_t epoch = 1; epoch <= 6; ++epoch)
    table.advance({"a", epoch, 10 * epoch, SignalKind::metrics});
  const std::string bytes = table.encode(42);
  const auto read = Watermarks::decode(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->offset, 42u);
  EXPECT_TRUE(read->table.seen({"a", 6, 60, SignalKind::metrics}));
  EXPECT_FALSE(read->table.seen({"a", 6, 61, SignalKind::metrics}));
  EXPECT_FALSE(read->table.seen({"a", 6, 60, SignalKind::logs}));
  EXPECT_FALSE(read->table.seen({"a", 1, 10, SignalKind::metrics})) << "an old epoch is forgotten";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(Watermarks::decode(damaged)) << i;
    EXPECT_FALSE(Watermarks::decode(bytes.substr(0, i))) << i;
  }
}

}  // namespace
}  // namespace sentinella::ingest
