// Functions of windows of time, fed sample by sample or chunk by chunk.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "series/embedded/pieces.h"
#include "series/embedded/value_codec.h"
#include "series/series_store.h"

namespace sentinella::series {

/// Samples and summaries must come in order of time. Not thread-safe.
class WindowFold {
 public:
  explicit WindowFold(const Windows& windows) : windows_(windows), folds_(windows.count) {}

  /// Whether samples from `first` to `last` all lie in the same windows.
  bool lie_together(Time first, Time last) const { return of(first) == of(last); }
  /// Of samples that lie together, none of them NaN.
  void add(Time first, std::size_t count, const ValueSummary& summary);
  /// Staleness markers are passed over.
  void add(const Columns& columns);
  /// Of each window that has samples.
  Columns result(WindowFunction function) const;

 private:
  struct Fold {
    std::size_t count = 0;
    double sum = 0, min = 0, max = 0, first = 0, last = 0;
  };
  /// The windows that hold an instant: [first, second).
  std::pair<std::size_t, std::size_t> of(Time at) const;

  const Windows windows_;
  std::vector<Fold> folds_;
};

}  // namespace sentinella::series
