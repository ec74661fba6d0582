// Groups of series folded into one value each, by the numbers that stand for labels: no text is touched but
// for the groups themselves.
#pragma once

#include <memory>
#include <vector>

#include "series/embedded/label_index.h"
#include "series/embedded/series_slab.h"
#include "series/series_store.h"

namespace sentinella::series {

class InstantFold {
 public:
  /// The index must not change as long as this lives.
  InstantFold(const LabelIndex& labels, const Grouping& grouping);
  ~InstantFold();
  void add(const Series& series, double value);
  std::vector<FoldedGroup> take();

 private:
  class Groups;
  std::unique_ptr<Groups> groups_;
};

}  // namespace sentinella::series
