// Deadlines by key; one per key.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace sentinella::rules {

template <typename Key>
class TimerQueue {
 public:
  void set(const Key& key, Time at) {
    cancel(key);
    order_.emplace(at, key);
    times_.emplace(key, at);
  }
  void cancel(const Key& key) {
    const auto found = times_.find(key);
    if (found == times_.end()) return;
    order_.erase({found->second, key});
    times_.erase(found);
  }
  bool contains(const Key& key) const { return times_.contains(key); }
  std::optional<Time> first() const {
    return order_.empty() ? std::nullopt : std::optional(order_.begin()->first);
  }
  /// Takes away and returns the keys due at `now`, earliest first.
  std::vector<std::pair<Time, Key>> take_due(Time now) {
    std::vector<std::pair<Time, Key>> due;
    while (!order_.empty() && order_.begin()->first <= now) {
      due.push_back(*order_.begin());
      times_.erase(order_.begin()->second);
      order_.erase(order_.begin());
    }
    return due;
  }

 private:
  std::set<std::pair<Time, Key>> order_;
  std::map<Key, Time> times_;
};

}  // namespace sentinella::rules
