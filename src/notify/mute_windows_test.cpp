#include "notify/mute_windows.h"

#include <gmock/gmock.h>

namespace sentinella::notify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Time kMonday{1'772'409'600'000'000'000};  // 2026-03-02T00:00:00Z

Mute mute(Duration starts, Duration ends) {
  Mute out;
  out.starts = kMonday + starts;
  out.ends = kMonday + ends;
  return out;
}

/// "begin-end" in hours since Monday.
std::vector<std::string> windows(const Mute& one, Duration from, Duration until) {
  std::vector<std::string> out;
  for (const TimeRange& range : windows_within(one, {kMonday + from, kMonday + until}))
    out.push_back(fmt::format("{}-{}", (range.from - kMonday) / 1h, (range.until - kMonday) / 1h));
  return out;
}

TEST(MuteWindows, WhatHoldsOnceIsCutAtTheRange) {
  EXPECT_THAT(windows(mute(10h, 20h), 0h, 100h), ElementsAre("10-20"));
  EXPECT_THAT(windows(mute(10h, 20h), 12h, 14h), ElementsAre("12-14"));
  EXPECT_THAT(windows(mute(10h, 20h), 20h, 30h), IsEmpty());
}

TEST(MuteWindows, WhatRecursHoldsEachTimeInItsOwnTimeZone) {
  Mute nights = mute(0h, 24h * 30);
  nights.recurrence = Recurrence{{0, 2}, 22h, 4h, 1h};  // 22:00 at UTC+1 is 21:00
  EXPECT_THAT(windows(nights, 0h, 24h * 7), ElementsAre("21-25", "69-73"));
  EXPECT_THAT(windows(nights, 23h, 70h), ElementsAre("23-25", "69-70"));
  EXPECT_THAT(windows(nights, 30h, 60h), IsEmpty());
}

}  // namespace
}  // namespace sentinella::notify
