#include "agent/spool/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum SignalKind;

class SpoolTest : public ::testing::Test {
 protected:
  void open(SpoolOptions options = {}) {
    spool.reset();
    auto opened = Spool::open(directory / "spool", options, [this]() -> Result<void> {
      ++forgotten;
      if (disk_full && std::filesystem::exists(directory / "spool/reserve"))
        return fail(Errc::kNoSpace, "no space left for the positions");
      return {};
    });
    ASSERT_TRUE(opened) << describe(opened.error());
    spool = std::move(*opened);
  }
  void append(SignalKind signal, const std::string& body, const std::string& note = "") {
    ASSERT_TRUE(spool->append(signal, body, note, true));
  }
  std::vector<std::string> take_all(SignalKind signal) {
    std::vector<std::string> bodies;
    while (const auto item = spool->front(signal)) {
      bodies.push_back(item->body);
      spool->acknowledge(*item);
    }
    return bodies;
  }
  std::filesystem::path newest_segment(const std::string& name) {
    std::filesystem::path newest;
    for (const auto& entry : std::filesystem::directory_iterator(directory / "spool"))
      if (entry.path().filename().string().starts_with(name + "-") && entry.path() > newest)
        newest = entry.path();
    return newest;
  }

  TemporaryDirectory directory;
  std::unique_ptr<Spool> spool;
  int forgotten = 0;
  bool disk_full = false;
};

TEST_F(SpoolTest, BatchesComeOutInOrderWithoutGaps) {
  open();
  for (const char* body : {"a", "b", "c"}) append(logs, body);
  append(metrics, "m");
  std::vector<std::uint64_t> sequences;
  while (const auto item = spool->front(logs)) {
    sequences.push_back(item->sequence);
    spool->acknowledge(*item);
  }
  EXPECT_THAT(sequences, ElementsAre(1, 2, 3));
  EXPECT_EQ(spool->front(metrics)->sequence, 1u);
  EXPECT_EQ(spool->statistics().waiting_metrics, 1u);
  EXPECT_EQ(spool->statistics().waiting_logs, 0u);
}

TEST_F(SpoolTest, UnacknowledgedBatchesSurviveTheirOwner) {
  open();
  append(logs, "a", "note a");
  append(logs, "b", "note b");
  const auto first = spool->front(logs);
  spool->acknowledge(*first);
  open();  // no close(): as after kill -9
  append(logs, "c");
  const auto second = spool->front(logs);
  EXPECT_EQ(second->body, "b");
  EXPECT_EQ(second->note, "note b");
  EXPECT_EQ(second->epoch, first->epoch) << "it was numbered in the old epoch";
  EXPECT_EQ(second->sequence, 2u);
  spool->acknowledge(*second);
  const auto third = spool->front(logs);
  EXPECT_EQ(third->body, "c");
  EXPECT_NE(third->epoch, first->epoch) << "after a crash the numbers begin anew";
  EXPECT_EQ(third->sequence, 1u);
}

TEST_F(SpoolTest, OrderlyRestartGoesOnInTheSameEpoch) {
  open();
  append(logs, "a");
  const auto first = spool->front(logs);
  spool->acknowledge(*first);
  ASSERT_TRUE(spool->close());
  open();
  append(logs, "b");
  EXPECT_EQ(spool->front(logs)->epoch, first->epoch);
  EXPECT_EQ(spool->front(logs)->sequence, 2u);
}

TEST_F(SpoolTest, NotesOfTheWholeDiskAreThereForTheStart) {
  open();
  append(logs, "a", "1");
  append(logs, "b", "2");
  spool->acknowledge(*spool->front(logs));
  open();
  std::vector<std::pair<std::string, bool>> notes;
  for (const SpoolNote& note : spool->notes()) notes.emplace_back(note.note, note.acknowledged);
  EXPECT_THAT(notes, ElementsAre(std::pair("1", true), std::pair("2", false)));
}

TEST_F(SpoolTest, TornTailIsCutOffAtEveryByte) {
  open();
  append(logs, "first");
  const auto segment = newest_segment("logs");
  const auto whole = std::filesystem::file_size(segment);
  append(logs, "second");
  const std::string content = content_of(segment);
  for (std::size_t size = whole; size < content.size(); ++size) {
    spool.reset();
    for (const auto& entry : std::filesystem::directory_iterator(directory / "spool"))
      if (entry.path().filename().string().starts_with("logs-")) std::filesystem::remove(entry.path());
    append_to(segment, content.substr(0, size));
    open();
    EXPECT_THAT(take_all(logs), ElementsAre("first")) << size;
    std::filesystem::remove(directory / "spool/logs.acked");
  }
}

TEST_F(SpoolTest, FlippedBitIsNoticed) {
  open();
  append(logs, "first");
  const auto segment = newest_segment("logs");
  spool.reset();
  std::string content = content_of(segment);
  content.back() ^= 1;
  std::filesystem::remove(segment);
  append_to(segment, content);
  open();
  EXPECT_THAT(take_all(logs), IsEmpty());
}

TEST_F(SpoolTest, BoundHoldsAndTheOldestMetricsGoFirst) {
  open({.max_bytes = 40'000, .segment_bytes = 4'000});
  for (int i = 0; i < 10; ++i) append(logs, std::string(1000, 'l'));
  for (int i = 0; i < 100; ++i) append(metrics, fmt::format("{:03}{}", i, std::string(997, 'm')));
  EXPECT_LE(spool->statistics().bytes, 41'000u);
  EXPECT_EQ(spool->statistics().waiting_logs, 10u);
  EXPECT_EQ(spool->statistics().dropped_logs, 0u);
  const auto dropped = spool->statistics().dropped_metrics;
  EXPECT_GT(dropped, 0u);
  const auto left = take_all(metrics);
  EXPECT_EQ(left.size() + dropped, 100u);
  EXPECT_EQ(left.back().substr(0, 3), "099");
}

TEST_F(SpoolTest, LogsAskForAPauseBeforeTheyFillTheSpool) {
  open({.max_bytes = 40'000, .segment_bytes = 4'000});
  EXPECT_FALSE(spool->nearly_full());
  while (!spool->nearly_full()) append(logs, std::string(1000, 'l'));
  EXPECT_EQ(spool->statistics().dropped_logs, 0u);
  take_all(logs);
  EXPECT_FALSE(spool->nearly_full());
}

TEST_F(SpoolTest, DiskSpaceComesBackAfterAcknowledgement) {
  open({.max_bytes = 1 << 20, .segment_bytes = 4'000});
  for (int i = 0; i < 50; ++i) append(logs, std::string(1000, 'l'));
  take_all(logs);
  EXPECT_LT(spool->statistics().bytes, 10'000u);
  EXPECT_GT(forgotten, 0) << "whoever keeps positions is asked before they go";
}

TEST_F(SpoolTest, BoundHoldsToTheByteAndNothingIsTakenBeyondIt) {
  open({.max_bytes = 20'000});
  int taken = 0;
  while (spool->append(logs, std::string(900, 'l'), "note", true) && taken < 100) ++taken;
  EXPECT_GT(spool->statistics().dropped_logs, 0u) << "the oldest have to go";
  EXPECT_LE(spool->statistics().bytes, 20'000u);
  const auto refused = spool->append(logs, std::string(30'000, 'l'), "", true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kNoSpace);
}

TEST_F(SpoolTest, WhatIsAcknowledgedMakesRoomBeforeAnythingIsDropped) {
  open({.max_bytes = 20'000, .segment_bytes = 1 << 20});
  for (int i = 0; i < 100; ++i) {
    append(logs, std::string(1500, 'l'));
    if (i % 4 == 3) take_all(logs);
  }
  EXPECT_EQ(spool->statistics().dropped_logs, 0u);
}

TEST_F(SpoolTest, OnADiskThatTheSpoolFilledAcknowledgedBatchesStillLeave) {
  open({.max_bytes = 1 << 20, .segment_bytes = 4'000});
  ASSERT_GE(std::filesystem::file_size(directory / "spool/reserve"), 100'000u);
  for (int i = 0; i < 50; ++i) append(logs, std::string(1000, 'l'));
  disk_full = true;
  take_all(logs);
  EXPECT_LT(spool->statistics().bytes, 10'000u);
  EXPECT_TRUE(std::filesystem::exists(directory / "spool/reserve")) << "held again for the next time";
}

TEST_F(SpoolTest, BatchDroppedWhileItIsSentIsNotTakenForAnother) {
  open({.max_bytes = 8'000, .segment_bytes = 1'000});
  append(metrics, std::string(1000, '0'));
  const auto sending = spool->front(metrics);
  for (int i = 1; i < 20; ++i) append(metrics, std::string(1000, 'x'));
  const auto waiting = spool->statistics().waiting_metrics;
  spool->acknowledge(*sending);
  EXPECT_EQ(spool->statistics().waiting_metrics, waiting);
}

TEST_F(SpoolTest, SecondOwnerIsRefused) {
  open();
  const auto second = Spool::open(directory / "spool", {}, [] { return Result<void>(); });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::kConflict);
}

TEST_F(SpoolTest, SegmentThatCannotBeOpenedNowIsNotPutAside) {
  open();
  append(logs, "a");
  const std::filesystem::path segment = newest_segment("logs");
  spool.reset();
  std::filesystem::rename(segment, directory / "kept");
  std::filesystem::create_directory(segment);  // refused to root, too
  EXPECT_FALSE(Spool::open(directory / "spool", {}, [] { return Result<void>(); }));
  ASSERT_TRUE(std::filesystem::is_directory(segment));
  std::filesystem::remove(segment);
  std::filesystem::rename(directory / "kept", segment);
  open();
  EXPECT_THAT(take_all(logs), ElementsAre("a"));
}

}  // namespace
}  // namespace sentinella::agent
