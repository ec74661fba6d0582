// Samples of one series from several places, and which of them hold.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"

namespace sentinella::series {

/// The order in which places were written, as far as it matters: late samples came after whatever else is at
/// their instant, and of two batches of late samples the second did.
struct Rank {
  bool late = false;
  std::uint64_t sequence = 0;  ///< grows with the journal
  friend auto operator<=>(const Rank&, const Rank&) = default;
};
inline constexpr std::uint64_t kStillOpen = UINT64_MAX >> 1;

struct Columns {
  std::vector<Time> times;
  std::vector<double> values;
  bool empty() const { return times.empty(); }
  std::size_t size() const { return times.size(); }
};

struct Piece {
  Rank rank;
  Columns columns;  ///< ascending, one per instant
};

/// A view of some of them.
struct Slice {
  Rank rank;
  std::span<const Time> times;
  std::span<const double> values;
  std::size_t size() const { return times.size(); }
};

/// Those with range.from <= at < range.until.
Slice cut(const Rank& rank, const Columns& columns, TimeRange range);
/// All samples ascending; of several at one instant that of the greatest rank.
Columns merge(std::vector<Slice> slices);

}  // namespace sentinella::series
