// Prometheus' native histograms (prompb/types.proto: Histogram) as the samples of a classic one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::codec {

struct HistogramPart {
  std::string suffix;  ///< of the metric's name: "_bucket", "_sum", "_count"
  std::string le;      ///< of a bucket
  Time at;
  double value = 0;
};

/// A stale histogram gives stale sums and counts, and no buckets. kInvalid: not a Histogram, or one with
/// custom buckets or more than 1,000 of them.
Result<std::vector<HistogramPart>> classic_parts(std::string_view protobuf);

}  // namespace sentinella::codec
