#include "notify/mute_windows.h"

#include <algorithm>

namespace sentinella::notify {
namespace {

constexpr Duration kDayLength = std::chrono::hours(24);

}  // namespace

std::vector<TimeRange> windows_within(const Mute& mute, TimeRange range) {
  range.from = std::max(range.from, mute.starts);
  if (mute.ends != Time{}) range.until = std::min(range.until, mute.ends);
  std::vector<TimeRange> out;
  if (range.from >= range.until) return out;
  if (!mute.recurrence) return {range};
  const auto add = [&](Time at) {
    const auto window = at < range.until ? mute.window(at) : std::nullopt;
    if (!window) return;
    const TimeRange cut{std::max(window->from, range.from), std::min(window->until, range.until)};
    if (cut.from < cut.until && (out.empty() || out.back().from != cut.from)) out.push_back(cut);
  };
  // It begins once a day at most, always at the same time of the day.
  add(range.from);
  const Duration of_day = mute.recurrence->start - mute.recurrence->utc_offset;
  for (Time day{(range.from.ns / kDayLength.count() - 1) * kDayLength.count()};
       day <= range.until + kDayLength; day = day + kDayLength)
    if (day + of_day > range.from) add(day + of_day);
  return out;
}

}  // namespace sentinella::notify
