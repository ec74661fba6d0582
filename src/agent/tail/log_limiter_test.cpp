#include "agent/tail/log_limiter.h"

#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

constexpr Time kStart{1'000'000'000'000};

int taken(LogLimiter& limiter, Time at, int records, std::size_t bytes = 100) {
  int sent = 0;
  for (int i = 0; i < records; ++i) sent += limiter.take(at, bytes) ? 1 : 0;
  return sent;
}

TEST(LogLimiter, WithoutALimitEverythingIsSent) {
  LogLimiter limiter;
  EXPECT_FALSE(limiter.limited());
  EXPECT_EQ(taken(limiter, kStart, 10'000), 10'000);
  EXPECT_EQ(limiter.dropped_records(), 0u);
}

TEST(LogLimiter, ABurstPassesAndAFloodIsCutToTheRate) {
  LogLimiter limiter({.records_per_second = 5});
  EXPECT_EQ(taken(limiter, kStart, 60), 50);
  EXPECT_EQ(limiter.dropped_records(), 10u);
  EXPECT_EQ(limiter.dropped_bytes(), 1000u);
  EXPECT_EQ(taken(limiter, kStart + 1s, 60), 5);
  EXPECT_EQ(taken(limiter, kStart + 1h, 60), 50);
}

TEST(LogLimiter, WhatWaitedWasWrittenWithinTheLimit) {
  LogLimiter limiter({.records_per_second = 5});
  EXPECT_EQ(taken(limiter, kStart, 60), 50);
  const auto backlog = [&](Time at, int records, Duration waited) {
    int sent = 0;
    for (int i = 0; i < records; ++i) sent += limiter.take(at, 100, waited) ? 1 : 0;
    return sent;
  };
  EXPECT_EQ(backlog(kStart + 1h, 3600 * 5, 1h), 3600 * 5);
  EXPECT_EQ(backlog(kStart + 1h + 1s, 60, 1h + 1s), 5) << "and no more than that";
  EXPECT_EQ(backlog(kStart + 3h, 100, Duration(0)), 50) << "a quiet log did not wait";
  LogLimiter begun({.records_per_second = 5});
  int sent = 0;
  for (int i = 0; i < 1000; ++i) sent += begun.take(kStart, 100, 100s) ? 1 : 0;
  EXPECT_EQ(sent, 500) << "after a restart, too";
}

TEST(LogLimiter, BytesCountToo) {
  LogLimiter limiter({.bytes_per_second = 100});
  EXPECT_EQ(taken(limiter, kStart, 20), 10);
  EXPECT_EQ(taken(limiter, kStart + 2s, 20), 2);
}

TEST(LogLimiter, ARecordLargerThanTheLimitIsSentAndPaidFor) {
  LogLimiter limiter({.bytes_per_second = 100});
  EXPECT_TRUE(limiter.take(kStart, 5000));
  EXPECT_FALSE(limiter.take(kStart + 10s, 1));
  EXPECT_TRUE(limiter.take(kStart + 100s, 1));
}

}  // namespace
}  // namespace sentinella::agent
