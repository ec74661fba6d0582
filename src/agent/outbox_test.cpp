#include "agent/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::SizeIs;

struct Recorder {
  Outbox::Callbacks callbacks() {
    return {
        [this](SignalKind, const Batch& batch, const std::vector<FilePosition>& positions) -> Result<void> {
          if (refuse) return fail(Errc::kNoSpace, "disk full");
          batches.push_back(batch);
          positions_given.push_back(positions);
          return {};
        },
        [this] { return std::exchange(to_give, {}); }};
  }
  bool refuse = false;
  std::vector<Batch> batches;
  std::vector<std::vector<FilePosition>> positions_given;
  std::vector<FilePosition> to_give;
};

LogRecord record(std::size_t bytes) {
  LogRecord r;
  r.raw.assign(bytes, 'x');
  return r;
}

TEST(Outbox, BatchesStayBounded) {
  auto loop = *EventLoop::create();
  Recorder recorder;
  Outbox outbox(*loop, recorder.callbacks());
  for (int i = 0; i < 20; ++i) outbox.add(record(100'000));
  outbox.flush();
  std::size_t records = 0;
  for (const Batch& batch : recorder.batches) {
    EXPECT_LE(batch.logs.size(), 6u);
    records += batch.logs.size();
  }
  EXPECT_EQ(records, 20u);
}

TEST(Outbox, FullDiskLosesNeitherRecordsNorPositions) {
  auto loop = *EventLoop::create();
  Recorder recorder;
  Outbox outbox(*loop, recorder.callbacks());
  recorder.refuse = true;
  recorder.to_give = {FilePosition{"/a", {}, 7}};
  outbox.add(record(600'000));
  EXPECT_TRUE(outbox.full());
  outbox.flush();
  recorder.refuse = false;
  outbox.flush();
  ASSERT_THAT(recorder.batches, SizeIs(1));
  ASSERT_THAT(recorder.positions_given[0], SizeIs(1));
  EXPECT_EQ(recorder.positions_given[0][0].offset, 7u);
  EXPECT_FALSE(outbox.full());
}

TEST(Outbox, WhatHappenedOutlastsHeartbeatsWhileTheDiskIsFull) {
  auto loop = *EventLoop::create();
  Recorder recorder;
  recorder.refuse = true;
  Outbox outbox(*loop, recorder.callbacks());
  StateReport exited;
  exited.kind = StateReport::Kind::exited;
  outbox.add(exited);
  for (int i = 0; i < 5000; ++i) outbox.add(StateReport{});
  recorder.refuse = false;
  outbox.flush();
  ASSERT_THAT(recorder.batches, SizeIs(1));
  EXPECT_LE(recorder.batches[0].reports.size(), 2000u);
  EXPECT_EQ(recorder.batches[0].reports[0].kind, StateReport::Kind::exited);
}

}  // namespace
}  // namespace sentinella::agent
