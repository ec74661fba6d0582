// Roll-ups: what stays of old samples. Of each span of time (five minutes, say) a gauge keeps its mean,
// extremes and how many samples they were; what only grows keeps where it stood first and last, and a span
// in which it was set back becomes two, so that increases stay exact. A staleness marker stays one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "model/series.h"
#include "series/embedded/pieces.h"
#include "series/embedded/value_codec.h"

namespace sentinella::series {

/// Columns of equal length, one place per span, ascending in time.
struct RollUps {
  bool cumulative = false;
  std::vector<Time> times;              ///< of the span's last sample
  std::vector<double> counts;           ///< of samples; 0 = a staleness marker
  std::vector<double> lowest, highest;  ///< cumulative: the first and the last value
  std::vector<double> sums;             ///< none when cumulative

  std::size_t size() const { return times.size(); }
  /// One span as the summary of its samples. Those of what is cumulative lie evenly between first and last.
  ValueSummary summary(std::size_t i) const;
  std::size_t count(std::size_t i) const { return static_cast<std::size_t>(counts[i]); }
};

/// Spans are multiples of `span`, closed at their beginning.
RollUps roll_up(const Columns& samples, SeriesKind kind, Duration span);
/// Of one series. Spans that are in several of `parts` become one, unless they are cumulative.
RollUps unite(std::span<const RollUps> parts, Duration span);
/// For whoever reads samples: the mean of each span, or where what is cumulative stood at its end.
Columns samples_of(const RollUps& rolled);
/// Without those whose last sample lies in `range`.
RollUps without(const RollUps& rolled, TimeRange range);
/// One for each day (UTC) that has any.
std::vector<RollUps> split_by_day(const RollUps& rolled);

}  // namespace sentinella::series
