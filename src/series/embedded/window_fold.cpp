#include "series/embedded/window_fold.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "series/embedded/wide_cpu.h"

namespace sentinella::series {
namespace {

/// Rounded towards the past.
std::int64_t divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// The first index from `from` on whose instant is after `at`: quick when that is near.
std::size_t first_after(std::span<const Time> times, std::size_t from, Time at) {
  std::size_t stride = 1;
  while (from + stride <= times.size() && times[from + stride - 1] <= at) {
    from += stride;
    stride *= 2;
  }
  const auto near = times.subspan(from, std::min(stride, times.size() - from));
  return from + static_cast<std::size_t>(std::ranges::upper_bound(near, at) - near.begin());
}

template <bool kLargest>
bool better(double a, double b) {
  return kLargest ? a > b : a < b;
}

/// Lanes that the compiler keeps in registers: one after the other, comparisons would wait for each other.
using Lanes = double __attribute__((vector_size(32)));

template <bool kLargest>
[[gnu::always_inline]] inline double extreme_of(std::span<const double> values) {
  double best = values.front();
  std::size_t i = 0;
  if (values.size() >= 16) {
    Lanes a, b;
    std::memcpy(&a, values.data(), sizeof a);
    std::memcpy(&b, values.data() + 4, sizeof b);
    for (i = 8; i + 8 <= values.size(); i += 8) {
      Lanes c, d;
      std::memcpy(&c, values.data() + i, sizeof c);
      std::memcpy(&d, values.data() + i + 4, sizeof d);
      a = (kLargest ? c > a : c < a) ? c : a;
      b = (kLargest ? d > b : d < b) ? d : b;
    }
    for (int lane = 0; lane < 4; ++lane) {
      if (better<kLargest>(a[lane], best)) best = a[lane];
      if (better<kLargest>(b[lane], best)) best = b[lane];
    }
  }
  for (; i < values.size(); ++i)
    if (better<kLargest>(values[i], best)) best = values[i];
  // Of 0 and -0 the first holds, as when they are taken in turn.
  return best == 0 ? *std::ranges::find(values, 0.0) : best;
}

template <bool kLargest>
SENT_WIDE double extreme_wide(std::span<const double> values) {
  return extreme_of<kLargest>(values);
}

/// Of values without NaN.
template <bool kLargest>
double extreme(std::span<const double> values) {
  return has_wide_cpu() ? extreme_wide<kLargest>(values) : extreme_of<kLargest>(values);
}

/// A number is better than a NaN; a staleness marker is passed over.
template <bool kLargest>
double extreme_but_nan(std::span<const double> values) {
  double best = std::numeric_limits<double>::quiet_NaN();
  for (const double value : values)
    if (!is_stale(value) && (std::isnan(best) || better<kLargest>(value, best))) best = value;
  return best;
}

double sum_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += is_stale(value) ? 0 : value;
  return sum;
}

}  // namespace

bool has_nan(std::span<const double> values) {
  bool any = false;
  for (const double value : values) any |= std::isnan(value);
  return any;
}

std::pair<std::size_t, std::size_t> WindowFold::of(Time at) const {
  const auto clamp = [&](std::int64_t index) {
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(index, 0, static_cast<std::int64_t>(folds_.size())));
  };
  // end >= at, and end - width < at.
  const std::int64_t step = windows_.step.count(), since = at.ns - windows_.first_end.ns;
  const std::int64_t first = divide(since - 1, step) + 1;
  const std::int64_t past = divide(since + windows_.width.count() - 1, step) + 1;
  return {clamp(first), clamp(past)};
}

void WindowFold::join(Fold& fold, std::size_t count, double value) const {
  const bool first = fold.count == 0;
  fold.count += count;
  switch (function_) {
    case WindowFunction::count:
      return;
    case WindowFunction::sum:
    case WindowFunction::avg:
      fold.value += value;
      return;
    case WindowFunction::min:
      if (first || value < fold.value || std::isnan(fold.value)) fold.value = value;
      return;
    case WindowFunction::max:
      if (first || value > fold.value || std::isnan(fold.value)) fold.value = value;
      return;
    case WindowFunction::first:
      if (first) fold.value = value;
      return;
    case WindowFunction::last:
      fold.value = value;
      return;
  }
}

void WindowFold::add(Time first, std::size_t count, const ValueSummary& summary) {
  double value = 0;
  switch (function_) {
    case WindowFunction::count:
      break;
    case WindowFunction::sum:
    case WindowFunction::avg:
      value = summary.sum;
      break;
    case WindowFunction::min:
      value = summary.min;
      break;
    case WindowFunction::max:
      value = summary.max;
      break;
    case WindowFunction::first:
      value = summary.first;
      break;
    case WindowFunction::last:
      value = summary.last;
      break;
  }
  const auto [from, past] = of(first);
  for (std::size_t i = from; i < past; ++i) join(folds_[i], count, value);
}

double WindowFold::value_of(std::span<const double> values, bool all_numbers) const {
  switch (function_) {
    case WindowFunction::count:
      break;
    case WindowFunction::sum:
    case WindowFunction::avg:
      return sum_of(values);
    case WindowFunction::min:
      return all_numbers ? extreme<false>(values) : extreme_but_nan<false>(values);
    case WindowFunction::max:
      return all_numbers ? extreme<true>(values) : extreme_but_nan<true>(values);
    case WindowFunction::first:
      return *std::ranges::find_if_not(values, is_stale);
    case WindowFunction::last:
      for (std::size_t i = values.size(); i-- > 0;)
        if (!is_stale(values[i])) return values[i];
      break;
  }
  return 0;
}

void WindowFold::add(std::span<const Time> times, std::span<const double> values, bool all_numbers) {
  if (times.empty()) return;
  const std::size_t from = of(times.front()).first, past = of(times.back()).second;
  std::size_t low = 0, high = 0;
  for (std::size_t i = from; i < past; ++i) {
    const Time end = end_of(i);
    low = first_after(times, low, end - windows_.width);
    high = first_after(times, std::max(low, high), end);
    const auto inside = values.subspan(low, high - low);
    const std::size_t count =
        inside.size() - (all_numbers ? 0 : static_cast<std::size_t>(std::ranges::count_if(inside, is_stale)));
    if (count > 0) join(folds_[i], count, value_of(inside, all_numbers));
  }
}

Columns WindowFold::result() const {
  Columns out;
  for (std::size_t i = 0; i < folds_.size(); ++i) {
    const Fold& fold = folds_[i];
    if (fold.count == 0) continue;
    const auto count = static_cast<double>(fold.count);
    out.times.push_back(end_of(i));
    out.values.push_back(function_ == WindowFunction::count ? count
                         : function_ == WindowFunction::avg ? fold.value / count
                                                            : fold.value);
  }
  return out;
}

}  // namespace sentinella::series
