// Groups of series folded into one value each, by the numbers that stand for labels: no text is touched but
// for the groups themselves.
#pragma once

#include <span>
#include <vector>

#include "series/embedded/label_index.h"
#include "series/embedded/series_registry.h"
#include "series/series_store.h"

namespace sentinella::series {

struct FoundValue {
  FoundSeries series;
  double value = 0;
};

/// Series that are gone by now are passed over. The index must not change meanwhile.
std::vector<FoldedGroup> fold_by(const LabelIndex& labels, const SeriesSlab& slab,
                                 std::span<const FoundValue> values, const Grouping& grouping);

}  // namespace sentinella::series
