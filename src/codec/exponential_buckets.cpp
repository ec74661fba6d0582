#include "codec/exponential_buckets.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace sentinella::codec {
namespace {

/// Counts of buckets without gap.
struct Span {
  std::int64_t first = 0;
  std::vector<double> counts;
};

std::int64_t width_of(const std::vector<ExponentialBucket>& buckets, int shift) {
  return buckets.empty() ? 0 : (buckets.back().index >> shift) - (buckets.front().index >> shift) + 1;
}

Span merge(const std::vector<ExponentialBucket>& buckets, int shift) {
  if (buckets.empty()) return {};
  Span span{buckets.front().index >> shift,
            std::vector<double>(static_cast<std::size_t>(width_of(buckets, shift)), 0.0)};
  for (const auto& bucket : buckets)
    span.counts[static_cast<std::size_t>((bucket.index >> shift) - span.first)] += bucket.count;
  return span;
}

/// b^index.
double bound(std::int64_t index, int scale) {
  return std::exp2(std::ldexp(static_cast<double>(index), -scale));
}

void drop_empty(std::vector<ExponentialBucket>& buckets) {
  std::erase_if(buckets, [](const ExponentialBucket& bucket) { return bucket.count == 0; });
}

}  // namespace

std::string bound_text(double bound) {
  return std::isinf(bound) && bound > 0 ? "+Inf" : fmt::format("{}", bound);
}

std::vector<ClassicBucket> to_classic_buckets(const ExponentialHistogram& histogram) {
  auto positive = histogram.positive;
  auto negative = histogram.negative;
  drop_empty(positive);
  drop_empty(negative);
  int shift = std::max(0, histogram.scale - kFinestClassicScale);
  while (width_of(positive, shift) + width_of(negative, shift) >
         static_cast<std::int64_t>(kMostClassicBuckets))
    ++shift;
  const int scale = histogram.scale - shift;

  std::vector<ClassicBucket> out;
  double count = 0;
  const auto put = [&](double upper) {
    if (std::isinf(upper)) return;
    if (!out.empty() && upper <= out.back().upper)
      out.back().count = count;
    else
      out.push_back({upper, count});
  };
  const Span below = merge(negative, shift);
  for (std::size_t i = below.counts.size(); i-- > 0;) {
    if (i + 1 == below.counts.size()) put(-bound(below.first + static_cast<std::int64_t>(i) + 1, scale));
    count += below.counts[i];
    put(-bound(below.first + static_cast<std::int64_t>(i), scale));
  }
  count += histogram.zero_count;
  if (histogram.zero_count > 0 || !below.counts.empty()) put(histogram.zero_threshold);
  const Span above = merge(positive, shift);
  if (!above.counts.empty()) put(bound(above.first, scale));
  for (std::size_t i = 0; i < above.counts.size(); ++i) {
    count += above.counts[i];
    put(bound(above.first + static_cast<std::int64_t>(i) + 1, scale));
  }
  return out;
}

}  // namespace sentinella::codec
