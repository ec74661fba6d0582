#include "series/embedded/series_head.h"

#include <algorithm>

namespace sentinella::series {

bool put_sample(std::vector<Sample>& head, const Sample& sample) {
  if (head.empty() || head.back().at < sample.at) {
    head.push_back(sample);
    return true;
  }
  const auto at = std::ranges::lower_bound(head, sample.at, {}, &Sample::at);
  if (at->at == sample.at) {
    at->value = sample.value;
    return false;
  }
  head.insert(at, sample);
  return true;
}

std::vector<std::span<const Sample>> split_by_span(std::span<const Sample> samples) {
  std::vector<std::span<const Sample>> pieces;
  while (!samples.empty()) {
    const std::uint64_t first = static_cast<std::uint64_t>(samples.front().at.ns);
    const auto too_far = [&](const Sample& sample) {
      return static_cast<std::uint64_t>(sample.at.ns) - first >
             static_cast<std::uint64_t>(kMaxChunkSpan.count());
    };
    const auto end = std::ranges::find_if(samples, too_far);
    const auto count = static_cast<std::size_t>(end - samples.begin());
    pieces.push_back(samples.first(count));
    samples = samples.subspan(count);
  }
  return pieces;
}

std::vector<Sample> merge_pieces(std::vector<Piece> pieces) {
  std::ranges::sort(pieces, {}, &Piece::sequence);
  std::vector<Sample> all;
  bool in_order = true;
  for (const Piece& piece : pieces) {
    if (!all.empty() && !piece.samples.empty() && piece.samples.front().at <= all.back().at) in_order = false;
    all.insert(all.end(), piece.samples.begin(), piece.samples.end());
  }
  if (in_order) return all;
  std::ranges::stable_sort(all, {}, &Sample::at);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i + 1 == all.size() || all[i].at != all[i + 1].at) all[kept++] = all[i];
  all.resize(kept);
  return all;
}

}  // namespace sentinella::series
