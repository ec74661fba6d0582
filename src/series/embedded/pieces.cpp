#include "series/embedded/pieces.h"

#include <algorithm>
#include <numeric>

namespace sentinella::series {
namespace {

void append(Columns& all, const Slice& more) {
  all.times.insert(all.times.end(), more.times.begin(), more.times.end());
  all.values.insert(all.values.end(), more.values.begin(), more.values.end());
}

}  // namespace

Slice cut(const Rank& rank, const Columns& columns, TimeRange range) {
  const auto place = [&](Time at) {
    return static_cast<std::size_t>(std::ranges::lower_bound(columns.times, at) - columns.times.begin());
  };
  const std::size_t from = place(range.from), until = std::max(from, place(range.until));
  return {rank, std::span(columns.times).subspan(from, until - from),
          std::span(columns.values).subspan(from, until - from)};
}

Columns merge(std::vector<Slice> slices) {
  std::erase_if(slices, [](const Slice& slice) { return slice.size() == 0; });
  std::ranges::sort(slices, {}, [](const Slice& slice) { return slice.times.front(); });
  bool apart = true;
  std::size_t total = 0;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    total += slices[i].size();
    apart &= i == 0 || slices[i - 1].times.back() < slices[i].times.front();
  }
  Columns all;
  all.times.reserve(total);
  all.values.reserve(total);
  if (!apart) std::ranges::sort(slices, {}, &Slice::rank);
  for (const Slice& slice : slices) append(all, slice);
  if (apart) return all;
  // Stable: at one instant the greatest rank comes last.
  std::vector<std::uint32_t> order(total);
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return all.times[i]; });
  Columns kept;
  for (std::size_t i = 0; i < total; ++i) {
    if (i + 1 < total && all.times[order[i]] == all.times[order[i + 1]]) continue;
    kept.times.push_back(all.times[order[i]]);
    kept.values.push_back(all.values[order[i]]);
  }
  return kept;
}

}  // namespace sentinella::series
