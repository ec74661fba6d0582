// Histograms with exponential buckets (OpenTelemetry "ExponentialHistogram"; Prometheus native histograms are
// the same with other indices) as classic cumulative ones.
//
// Buckets are merged to at most four per doubling, and further until there are no more than 80: bounds of a
// coarser scale are a subset of those of a finer one, so that a histogram that changes its scale goes on in
// the series it had. Bounds run without gap from the lowest bucket used to the highest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sentinella::codec {

/// Values in (b^index, b^(index+1)] with b = 2^(2^-scale); of a negative bucket their opposites.
struct ExponentialBucket {
  std::int64_t index = 0;
  double count = 0;
};

struct ExponentialHistogram {
  int scale = 0;  ///< -16 to 24; the caller checks
  double zero_threshold = 0;
  double zero_count = 0;
  std::vector<ExponentialBucket> positive, negative;  ///< each index once, ascending
};

struct ClassicBucket {
  double upper = 0;  ///< le; ascending, finite
  double count = 0;  ///< of all values up to it
};

inline constexpr int kFinestClassicScale = 2;
inline constexpr std::size_t kMostClassicBuckets = 80;

/// A bound as a label's value: "+Inf", or the shortest text that reads back as it.
std::string bound_text(double bound);

/// Without the last one, le="+Inf", whose count the caller knows.
std::vector<ClassicBucket> to_classic_buckets(const ExponentialHistogram& histogram);

}  // namespace sentinella::codec
