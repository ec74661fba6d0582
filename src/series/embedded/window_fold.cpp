#include "series/embedded/window_fold.h"

#include <algorithm>
#include <cmath>

namespace sentinella::series {
namespace {

/// Rounded towards the past.
std::int64_t divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

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

void WindowFold::add(Time first, std::size_t count, const ValueSummary& summary) {
  const auto [from, past] = of(first);
  for (std::size_t i = from; i < past; ++i) {
    Fold& fold = folds_[i];
    if (fold.count == 0) {
      fold = {0, 0, summary.min, summary.max, summary.first, summary.last};
    } else {
      if (summary.min < fold.min || std::isnan(fold.min)) fold.min = summary.min;
      if (summary.max > fold.max || std::isnan(fold.max)) fold.max = summary.max;
    }
    fold.count += count;
    fold.sum += summary.sum;
    fold.last = summary.last;
  }
}

void WindowFold::add(const Columns& columns) {
  for (std::size_t row = 0; row < columns.size(); ++row) {
    const double value = columns.values[row];
    if (is_stale(value)) continue;
    const auto [from, past] = of(columns.times[row]);
    for (std::size_t i = from; i < past; ++i) {
      Fold& fold = folds_[i];
      if (fold.count++ == 0) {
        fold = {1, value, value, value, value, value};
        continue;
      }
      fold.sum += value;
      if (value < fold.min || std::isnan(fold.min)) fold.min = value;
      if (value > fold.max || std::isnan(fold.max)) fold.max = value;
      fold.last = value;
    }
  }
}

Columns WindowFold::result(WindowFunction function) const {
  Columns out;
  for (std::size_t i = 0; i < folds_.size(); ++i) {
    const Fold& fold = folds_[i];
    if (fold.count == 0) continue;
    const auto count = static_cast<double>(fold.count);
    double value = 0;
    switch (function) {
      case WindowFunction::count:
        value = count;
        break;
      case WindowFunction::sum:
        value = fold.sum;
        break;
      case WindowFunction::min:
        value = fold.min;
        break;
      case WindowFunction::max:
        value = fold.max;
        break;
      case WindowFunction::avg:
        value = fold.sum / count;
        break;
      case WindowFunction::first:
        value = fold.first;
        break;
      case WindowFunction::last:
        value = fold.last;
        break;
    }
    out.times.push_back(windows_.first_end + windows_.step * static_cast<std::int64_t>(i));
    out.values.push_back(value);
  }
  return out;
}

}  // namespace sentinella::series
