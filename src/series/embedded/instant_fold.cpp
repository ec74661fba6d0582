#include "series/embedded/instant_fold.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>

namespace sentinella::series {
namespace {

void fold_into(FoldedGroup& group, double value) {
  if (group.count++ == 0) {
    group.sum = group.min = group.max = value;
    return;
  }
  group.sum += value;
  if (value < group.min || std::isnan(group.min)) group.min = value;
  if (value > group.max || std::isnan(group.max)) group.max = value;
}

}  // namespace

/// Which group a series is in: found by the pairs that the grouping keeps.
class InstantFold::Groups {
 public:
  Groups(const LabelIndex& labels, const Grouping& grouping) : labels_(labels), without_(grouping.without) {
    for (const std::string& name : grouping.names)
      if (const NameId id = labels.find_name(name); id != kNoName) names_.push_back(id);
    if (without_)
      if (const NameId id = labels.find_name(kMetricName); id != kNoName) names_.push_back(id);
    if (!without_ && names_.size() == 1) of_pair_.resize(labels.pair_count());
  }

  FoldedGroup& of(const Series& series) {
    if (!of_pair_.empty()) {
      // By one label: the pair itself leads to the group.
      const PairId pair = labels_.pair_of(series, names_.front());
      std::size_t& index = of_pair_[pair];
      if (index == 0) index = make({&pair, std::size_t{pair != 0}}) + 1;
      return groups_[index - 1];
    }
    kept_.clear();
    for (const PairId pair : labels_.pairs(series)) {
      const bool named = std::ranges::find(names_, labels_.name_of(pair)) != names_.end();
      if (named != without_) kept_.push_back(pair);
    }
    key_.assign(reinterpret_cast<const char*>(kept_.data()), kept_.size() * sizeof(PairId));
    const auto at = by_pairs_.find(key_);
    if (at != by_pairs_.end()) return groups_[at->second];
    by_pairs_.emplace(key_, groups_.size());
    return groups_[make(kept_)];
  }
  std::vector<FoldedGroup> take() { return std::move(groups_); }

 private:
  std::size_t make(std::span<const PairId> pairs) {
    std::vector<Label> kept;
    for (const PairId pair : pairs)
      kept.push_back({std::string(labels_.name(labels_.name_of(pair))), std::string(labels_.value(pair))});
    groups_.push_back({Labels(std::move(kept)), 0, 0, 0, 0});
    return groups_.size() - 1;
  }

  const LabelIndex& labels_;
  const bool without_;
  std::vector<NameId> names_;
  std::vector<std::size_t> of_pair_;  ///< index into groups_ + 1, by pair
  std::vector<PairId> kept_;
  std::string key_;
  std::unordered_map<std::string, std::size_t> by_pairs_;
  std::vector<FoldedGroup> groups_;
};

InstantFold::InstantFold(const LabelIndex& labels, const Grouping& grouping)
    : groups_(std::make_unique<Groups>(labels, grouping)) {}
InstantFold::~InstantFold() = default;

void InstantFold::add(const Series& series, double value) {
  fold_into(groups_->of(series), value);
}

std::vector<FoldedGroup> InstantFold::take() {
  return groups_->take();
}

}  // namespace sentinella::series
