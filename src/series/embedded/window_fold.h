// Functions of windows of time, fed with runs of samples or with the summaries of chunks.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "series/embedded/pieces.h"
#include "series/embedded/value_codec.h"
#include "series/series_store.h"

namespace sentinella::series {

/// Samples and summaries must come in order of time. Not thread-safe.
class WindowFold {
 public:
  WindowFold(const Windows& windows, WindowFunction function)
      : windows_(windows), function_(function), folds_(windows.count) {}

  /// Whether samples from `first` to `last` all lie in the same windows.
  bool lie_together(Time first, Time last) const { return of(first) == of(last); }
  /// Of samples that lie together, none of them NaN.
  void add(Time first, std::size_t count, const ValueSummary& summary);
  /// Staleness markers are passed over. `all_numbers`: no NaN among the values.
  void add(std::span<const Time> times, std::span<const double> values, bool all_numbers);
  /// Of each window that has samples.
  Columns result() const;

 private:
  struct Fold {
    std::size_t count = 0;
    double value = 0;  ///< the function's, so far; of count nothing
  };
  /// The windows that hold an instant: [first, second).
  std::pair<std::size_t, std::size_t> of(Time at) const;
  Time end_of(std::size_t window) const {
    return windows_.first_end + windows_.step * static_cast<std::int64_t>(window);
  }
  void join(Fold& fold, std::size_t count, double value) const;
  /// The function of values that are not stale, at least one.
  double value_of(std::span<const double> values, bool all_numbers) const;

  const Windows windows_;
  const WindowFunction function_;
  std::vector<Fold> folds_;
};

bool has_nan(std::span<const double> values);

}  // namespace sentinella::series
