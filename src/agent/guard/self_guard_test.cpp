#include "agent/guard/self_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kMegabyte = 1'000'000;

class SelfGuardTest : public ::testing::Test {
 protected:
  /// A window's worth later, with this memory and this share of a processor.
  GuardStep after(std::uint64_t megabytes, double cpu) {
    now = now + 10s;
    seconds += cpu * 10;
    guard.round(now, megabytes * kMegabyte, seconds);
    return guard.step();
  }
  void SetUp() override { guard.round(now, 0, seconds); }

  SelfGuard guard{LimitConfig{.memory_bytes = 100 * kMegabyte, .cpu_ratio = 0.5, .window = 10s}};
  Time now = kSomeTime;
  double seconds = 0;
};

TEST_F(SelfGuardTest, WithinItsCapsNothingIsGivenUp) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(after(99, 0.49), GuardStep::none);
  EXPECT_EQ(guard.reason(), "");
}

TEST_F(SelfGuardTest, OverACapOneStepAWindowIsTakenAndTakenBackWellBelowIt) {
  EXPECT_EQ(after(101, 0), GuardStep::slower);
  EXPECT_THAT(guard.reason(), HasSubstr("101 MB"));
  EXPECT_EQ(after(20, 0.6), GuardStep::paused);
  EXPECT_THAT(guard.reason(), HasSubstr("60 % of a processor"));
  EXPECT_EQ(after(101, 0), GuardStep::least);
  EXPECT_EQ(after(101, 0), GuardStep::least);
  EXPECT_EQ(after(90, 0.1), GuardStep::least) << "below the cap and near it: it stays";
  EXPECT_EQ(after(50, 0.1), GuardStep::paused);
  EXPECT_EQ(after(50, 0.1), GuardStep::slower);
  EXPECT_EQ(after(50, 0.1), GuardStep::none);
  EXPECT_EQ(guard.reason(), "");
}

TEST_F(SelfGuardTest, AShortBurstIsNoOveruse) {
  for (int i = 0; i < 9; ++i) {
    now = now + 1s;
    seconds += i == 0 ? 1 : 0;
    EXPECT_FALSE(guard.round(now, 0, seconds));
  }
  now = now + 1s;
  EXPECT_FALSE(guard.round(now, 0, seconds)) << "a tenth of the window";
  EXPECT_EQ(guard.step(), GuardStep::none);
}

}  // namespace
}  // namespace sentinella::agent
