// Thinning out and differentiating series for charts.
#pragma once

#include <cstddef>

#include "series/series_store.h"

namespace sentinella::api::native {

/// Per-second increase between neighbours, at the later one's time; a fall is a counter that began again at
/// zero. NaN values (staleness markers among them) are skipped.
series::SeriesColumns to_rate(const series::SeriesColumns& counter);

/// At most `max_points` points: the mean of each of as many equal slices of `range`, at the time of the
/// slice's last sample. Unchanged, NaN values apart, when there are few enough.
series::SeriesColumns thin_out(const series::SeriesColumns& columns, TimeRange range, std::size_t max_points);

}  // namespace sentinella::api::native
