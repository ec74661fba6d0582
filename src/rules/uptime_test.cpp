#include "rules/uptime.h"

#include <gmock/gmock.h>

namespace sentinella::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

Time at(std::int64_t minutes) {
  return {1'772'000'000'000'000'000 + minutes * 60'000'000'000};
}
StateChange change(std::int64_t minutes, CheckStatus status, const std::string& service = "nova-api") {
  return {"c1", service, status, at(minutes)};
}

TEST(Uptime, TheTimeDownIsWhatIsMissing) {
  const Uptime out = uptime_of(
      {change(-50, CheckStatus::up), change(10, CheckStatus::down), change(15, CheckStatus::up),
       change(90, CheckStatus::stopping), change(94, CheckStatus::down), change(95, CheckStatus::up)},
      {at(0), at(100)}, {});
  EXPECT_EQ(out.up, 90min);
  EXPECT_EQ(out.down, 10min);
  ASSERT_THAT(out.outages, SizeIs(2));
  EXPECT_EQ(out.outages[0].from, at(10));
  EXPECT_EQ(out.outages[0].until, at(15));
  EXPECT_EQ(out.outages[1].from, at(90)) << "from the stop on";
  EXPECT_DOUBLE_EQ(*out.share(), 0.9);
  EXPECT_EQ(out.down_since(), Time{});
}

TEST(Uptime, ARestartOnRequestCostsItsTimeAndIsNoOutage) {
  const Uptime out =
      uptime_of({change(0, CheckStatus::up), change(10, CheckStatus::stopping), change(11, CheckStatus::up)},
                {at(0), at(100)}, {});
  EXPECT_EQ(out.down, 1min);
  EXPECT_THAT(out.outages, IsEmpty());
}

TEST(Uptime, WhatLastsCountsUntilTheEndAndSaysSinceWhen) {
  const Uptime out =
      uptime_of({change(0, CheckStatus::up), change(75, CheckStatus::down)}, {at(0), at(100)}, {});
  EXPECT_DOUBLE_EQ(*out.share(), 0.75);
  EXPECT_EQ(out.down_since(), at(75));
}

TEST(Uptime, AnOutageThatBeganBeforeTheRangeKeepsItsBeginning) {
  const Uptime out =
      uptime_of({change(-30, CheckStatus::down), change(10, CheckStatus::up)}, {at(0), at(100)}, {});
  EXPECT_EQ(out.down, 10min);
  ASSERT_THAT(out.outages, SizeIs(1));
  EXPECT_EQ(out.outages[0].from, at(-30));
}

TEST(Uptime, AMaintenanceDoesNotCountAgainstItAndOverlapsCountOnce) {
  const std::vector<StateChange> changes{change(0, CheckStatus::up), change(20, CheckStatus::down),
                                         change(60, CheckStatus::up)};
  const Uptime out =
      uptime_of(changes, {at(0), at(100)}, {{at(30), at(50)}, {at(10), at(40)}, {at(200), at(300)}});
  EXPECT_EQ(out.planned, 30min);
  EXPECT_EQ(out.down, 10min);
  EXPECT_EQ(out.up, 60min);
  EXPECT_THAT(out.outages, SizeIs(1));
  const Uptime all = uptime_of(changes, {at(0), at(100)}, {{at(0), at(100)}});
  EXPECT_EQ(all.up, 60min) << "what runs in a maintenance runs";
  EXPECT_EQ(all.down, 0min);
  EXPECT_THAT(all.outages, IsEmpty());
}

TEST(Uptime, WhileTheAgentIsSilentAServiceIsUnknownAndItsHostIsDown) {
  const auto silent = [](const std::string& service) {
    return uptime_of({change(0, CheckStatus::up, service), change(50, CheckStatus::unknown, service)},
                     {at(0), at(100)}, {});
  };
  EXPECT_EQ(silent("nova-api").unknown, 50min);
  EXPECT_THAT(silent("nova-api").outages, IsEmpty());
  EXPECT_EQ(silent("").down, 50min);
  EXPECT_THAT(silent("").outages, SizeIs(1));
}

TEST(Uptime, BeforeTheFirstWordNothingCountsAndOfNothingThereIsNoShare) {
  const Uptime late = uptime_of({change(90, CheckStatus::up)}, {at(0), at(100)}, {});
  EXPECT_EQ(late.up, 10min);
  EXPECT_DOUBLE_EQ(*late.share(), 1.0);
  EXPECT_FALSE(uptime_of({}, {at(0), at(100)}, {}).share());
  EXPECT_FALSE(uptime_of({change(0, CheckStatus::not_here)}, {at(0), at(100)}, {}).share());
}

TEST(Uptime, WhenNothingIsHeardNothingIsKnown) {
  const TimeRange range{at(0), at(100)};
  const auto known = [](const Uptime& of) {
    std::vector<std::pair<Time, Time>> out;
    for (const TimeRange& one : of.known) out.emplace_back(one.from, one.until);
    return out;
  };
  EXPECT_THAT(uptime_of({change(-30, CheckStatus::unknown)}, range, {}).known, IsEmpty());
  const Uptime silent =
      uptime_of({change(10, CheckStatus::up), change(20, CheckStatus::down), change(30, CheckStatus::unknown),
                 change(60, CheckStatus::up), change(70, CheckStatus::unknown)},
                range, {});
  EXPECT_THAT(known(silent), ElementsAre(Pair(at(10), at(30)), Pair(at(60), at(70))));
  Uptime both;
  both += silent;
  both += uptime_of({change(-30, CheckStatus::up), change(15, CheckStatus::unknown)}, range, {});
  EXPECT_THAT(known(both), ElementsAre(Pair(at(0), at(30)), Pair(at(60), at(70))))
      << "one of several is enough";
}

}  // namespace
}  // namespace sentinella::rules
