// Instants, folds and windows computed from whole columns.
#pragma once

#include <vector>

#include "series/series_store.h"

namespace sentinella::series {

Result<std::vector<InstantSample>> plain_instants(std::vector<SeriesColumns> columns);
std::vector<FoldedGroup> fold(const std::vector<InstantSample>& instants, const Grouping& grouping);
Result<TimeRange> range_of(const Windows& windows);
SeriesColumns plain_windows(const SeriesColumns& columns, const Windows& windows, WindowFunction function);

}  // namespace sentinella::series
