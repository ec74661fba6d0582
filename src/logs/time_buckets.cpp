#include "logs/time_buckets.h"

#include <array>

#include "logs/block/floor_div.h"

namespace sentinella::logs {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// In seconds; beyond them whole days.
constexpr std::array<std::int64_t, 22> kSteps{1,     2,     5,      10,     15,     30,     60,    120,
                                              300,   600,   900,    1800,   3600,   7200,   10800, 21600,
                                              43200, 86400, 172800, 345600, 604800, 1209600};
constexpr std::int64_t kDay = 86400;

TimeBuckets buckets_of(TimeRange range, std::int64_t step) {
  return {floor_div(floor_div(range.from.ns, kSecond), step),
          floor_div(floor_div(range.until.ns - 1, kSecond), step), step};
}

}  // namespace

std::size_t TimeBuckets::index(Time time) const {
  const std::int64_t at = floor_div(floor_div(time.ns, kSecond), step) - first;
  return at < 0 || at > last - first ? count() : static_cast<std::size_t>(at);
}

TimeBuckets choose_buckets(TimeRange range, std::size_t most) {
  for (const auto step : kSteps)
    if (const auto buckets = buckets_of(range, step); buckets.count() <= most + 1) return buckets;
  for (std::int64_t days = 28;; days *= 2)
    if (const auto buckets = buckets_of(range, days * kDay); buckets.count() <= most + 1) return buckets;
}

}  // namespace sentinella::logs
