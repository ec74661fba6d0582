// Samples of one series in time, as range functions slide over them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "query/matrix.h"

namespace sentinella::query {

struct Column {
  RowLabels labels;
  std::vector<Time> times;  ///< ascending
  std::vector<double> values;
};

/// Milliseconds as an instant; what does not fit, with some room for a lookback, is the nearest that does.
inline Time at_ms(std::int64_t ms) {
  constexpr std::int64_t kMost = 9'200'000'000'000;
  return Time{std::clamp(ms, -kMost, kMost) * 1'000'000};
}
inline std::int64_t ms_of(Time t) {
  const std::int64_t ms = t.ns / 1'000'000;
  return t.ns % 1'000'000 < 0 ? ms - 1 : ms;
}

/// As Prometheus computes it from milliseconds, so that arithmetic agrees to the last bit.
inline double seconds(Duration span) {
  const std::int64_t ns = span.count();
  const std::int64_t ms = ns / 1'000'000;
  return ms * 1'000'000 == ns ? static_cast<double>(ms) / 1000 : static_cast<double>(ns) / 1e9;
}

/// From one instant to another, however far apart.
inline double seconds_between(Time from, Time to) {
  std::int64_t ns = 0;
  if (__builtin_sub_overflow(to.ns, from.ns, &ns))
    return static_cast<double>(to.ns) / 1e9 - static_cast<double>(from.ns) / 1e9;
  return seconds(Duration(ns));
}

/// The first index from `from` on whose time is after `t`. Quick for near answers, no slower than a binary
/// search for far ones.
inline std::size_t first_after(std::span<const Time> times, std::size_t from, Time t) {
  std::size_t stride = 1;
  std::size_t low = from;
  while (low < times.size() && times[low] <= t) {
    const std::size_t high = low + stride;
    if (high >= times.size() || times[high] > t) {
      const auto end = times.begin() + static_cast<std::ptrdiff_t>(std::min(high, times.size()));
      return static_cast<std::size_t>(
          std::upper_bound(times.begin() + static_cast<std::ptrdiff_t>(low), end, t) - times.begin());
    }
    low = high;
    stride *= 2;
  }
  return low;
}

}  // namespace sentinella::query
