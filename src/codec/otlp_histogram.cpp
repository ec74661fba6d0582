// Histograms of OTLP, explicit and exponential ones, as the series of classic ones.
#include <algorithm>
#include <cmath>

#include "codec/otlp_mapping.h"

namespace sentinella::codec::otlp {
namespace {

// Of exponential histograms: beyond these a bucket is wider than all doubles, or thinner than any.
constexpr std::int64_t kCoarsestScale = -10;
constexpr std::int64_t kFinestScale = 20;

std::vector<ExponentialBucket> buckets_of(const ExponentialSide& side) {
  std::vector<ExponentialBucket> out;
  out.reserve(side.counts.size());
  for (std::size_t i = 0; i < side.counts.size(); ++i)
    out.push_back({side.offset + static_cast<std::int64_t>(i), static_cast<double>(side.counts[i])});
  return out;
}

}  // namespace

void Collector::point(const Metric& metric, const HistogramPoint& point) {
  if (too_large_) return;
  const auto at = time_of(point.time);
  if (!at) return reject(metric.name, "has a time beyond the year 2262");
  if (metric.temporality != 2) return reject(metric.name, "is a histogram that is not cumulative");
  if (point.bounds.size() > kMaxBuckets) return reject(metric.name, "has more than 1,000 buckets");
  if (!point.bucket_counts.empty() && point.bucket_counts.size() != point.bounds.size() + 1)
    return reject(metric.name, "has bucket counts that do not match its bounds");
  if (!std::ranges::is_sorted(point.bounds, std::ranges::less_equal{}) ||
      std::ranges::any_of(point.bounds, [](double b) { return std::isnan(b); }))
    return reject(metric.name, "has bucket bounds that do not grow");
  const auto labels = labels_of(metric, point.attributes);
  if (!labels) return;

  Histogram histogram{.buckets = {},
                      .count = point.count,
                      .sum = point.sum,
                      .at = *at,
                      .stale = (point.flags & kNoRecordedValue) != 0};
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < point.bounds.size() && !point.bucket_counts.empty(); ++i) {
    below += point.bucket_counts[i];
    histogram.buckets.push_back({point.bounds[i], static_cast<double>(below)});
  }
  add_histogram(metric, *labels, histogram);
}

void Collector::point(const Metric& metric, const ExponentialPoint& point) {
  if (too_large_) return;
  const auto at = time_of(point.time);
  if (!at) return reject(metric.name, "has a time beyond the year 2262");
  if (metric.temporality != 2)
    return reject(metric.name, "is an exponential histogram that is not cumulative");
  if (point.scale < kCoarsestScale || point.scale > kFinestScale)
    return reject(metric.name, "is an exponential histogram with a scale that is none of -10 to 20");
  if (point.positive.counts.size() > kMaxBuckets || point.negative.counts.size() > kMaxBuckets)
    return reject(metric.name, "has more than 1,000 buckets");
  const auto labels = labels_of(metric, point.attributes);
  if (!labels) return;
  ExponentialHistogram buckets;
  buckets.scale = static_cast<int>(point.scale);
  buckets.zero_threshold = point.zero_threshold;
  buckets.zero_count = static_cast<double>(point.zero_count);
  buckets.positive = buckets_of(point.positive);
  buckets.negative = buckets_of(point.negative);
  add_histogram(metric, *labels,
                {.buckets = to_classic_buckets(buckets),
                 .count = point.count,
                 .sum = point.sum,
                 .at = *at,
                 .stale = (point.flags & kNoRecordedValue) != 0});
}

void Collector::add_histogram(const Metric& metric, const std::vector<Label>& labels,
                              const Histogram& histogram) {
  const auto sample = [&](double value) {
    return Sample{histogram.at, histogram.stale ? stale_marker() : value};
  };
  const auto add_bucket = [&](double upper, double count) {
    std::vector<Label> bucket = labels;
    bucket.push_back({"le", bound_text(upper)});
    add_sample(std::move(bucket), metric.name + "_bucket", SeriesKind::histogram, sample(count));
  };
  ++counts_.accepted;
  for (const ClassicBucket& bucket : histogram.buckets) {
    if (too_large_) return;
    add_bucket(bucket.upper, bucket.count);
  }
  const double count = static_cast<double>(histogram.count);
  add_bucket(HUGE_VAL, count);
  if (histogram.sum) add_sample(labels, metric.name + "_sum", SeriesKind::histogram, sample(*histogram.sum));
  add_sample(labels, metric.name + "_count", SeriesKind::histogram, sample(count));
}

}  // namespace sentinella::codec::otlp
