#include "series/embedded/pieces.h"

#include <algorithm>
#include <numeric>

namespace sentinella::series {
namespace {

void append(Columns& all, const Columns& more) {
  all.times.insert(all.times.end(), more.times.begin(), more.times.end());
  all.values.insert(all.values.end(), more.values.begin(), more.values.end());
}

}  // namespace

void cut(Columns& columns, TimeRange range) {
  const auto until = std::ranges::lower_bound(columns.times, range.until) - columns.times.begin();
  columns.times.resize(static_cast<std::size_t>(until));
  columns.values.resize(static_cast<std::size_t>(until));
  const auto from = std::ranges::lower_bound(columns.times, range.from) - columns.times.begin();
  columns.times.erase(columns.times.begin(), columns.times.begin() + from);
  columns.values.erase(columns.values.begin(), columns.values.begin() + from);
}

Columns merge(std::vector<Piece> pieces) {
  std::erase_if(pieces, [](const Piece& piece) { return piece.columns.empty(); });
  if (pieces.empty()) return {};
  if (pieces.size() == 1) return std::move(pieces.front().columns);
  std::ranges::sort(pieces, {}, [](const Piece& piece) { return piece.columns.times.front(); });
  bool apart = true;
  std::size_t total = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    total += pieces[i].columns.size();
    apart &= i == 0 || pieces[i - 1].columns.times.back() < pieces[i].columns.times.front();
  }
  Columns all;
  all.times.reserve(total);
  all.values.reserve(total);
  if (!apart) std::ranges::sort(pieces, {}, &Piece::rank);
  for (const Piece& piece : pieces) append(all, piece.columns);
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
