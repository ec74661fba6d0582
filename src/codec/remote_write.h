// Prometheus remote write 1.0 (prometheus/prompb, remote.proto and types.proto: WriteRequest) into samples.
//
// A series whose labels were seen before, byte for byte, costs a hash of them and a probe. Staleness markers
// stay what they are. Native histograms become classic ones (exponential_buckets.h): series _bucket{le},
// _sum and _count. Exemplars and metadata are skipped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/remote_write_cache.h"
#include "codec/series_key.h"
#include "model/account.h"
#include "model/sample_block.h"

namespace sentinella::codec {

struct RemoteWriteReport {
  std::size_t series = 0;  ///< taken
  std::size_t samples = 0;
  std::size_t histograms = 0;             ///< native ones, converted
  std::size_t refused = 0;                ///< series and native histograms that could not be taken
  std::vector<std::string> reasons = {};  ///< of the first refused ones, naming the series
};

/// Appends to `out`. `resolve` is asked for series that are not in `cache`, or are not `defined` yet.
/// kInvalid: not a WriteRequest. kTooLarge: over two million samples. What `out` then has is of no use.
Result<RemoteWriteReport> decode_remote_write(std::string_view protobuf, AccountId account,
                                              RemoteWriteCache& cache, const ResolveSeries& resolve,
                                              const AreDefined& defined, SampleBlock& out);

}  // namespace sentinella::codec
