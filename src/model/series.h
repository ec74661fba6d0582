// Numbers in time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/labels.h"

namespace sentinella {

enum class SeriesKind : std::uint8_t { gauge, counter, histogram };

/// The value is any double; a NaN's payload is kept bit for bit, because one payload marks a series as stale.
struct Sample {
  Time at;
  double value = 0;
};

/// Samples of one series, in any order, as they travel in a batch.
struct SeriesSamples {
  Labels labels;  ///< with __name__
  SeriesKind kind = SeriesKind::gauge;
  std::vector<Sample> samples;
};

}  // namespace sentinella
