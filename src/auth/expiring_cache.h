// Answers kept for a short while, so that not every request asks the database.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "base/time.h"

namespace sentinella::auth {

/// Thread-safe. An answer is good for `life` from when it was put; putting it again begins anew.
template <typename Value>
class ExpiringCache {
 public:
  ExpiringCache(Duration life, std::size_t capacity) : life_(life), capacity_(capacity) {}

  std::optional<Value> get(const std::string& key, Time now) const {
    Lock lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || !fresh(found->second, now)) return std::nullopt;
    return found->second.value;
  }
  void put(const std::string& key, Value value, Time now) {
    Lock lock(mutex_);
    if (entries_.size() >= capacity_) {
      std::erase_if(entries_, [&](const auto& entry) { return !fresh(entry.second, now); });
      if (entries_.size() >= capacity_) entries_.clear();
    }
    entries_.insert_or_assign(key, Entry{std::move(value), now});
  }
  void clear() {
    Lock lock(mutex_);
    entries_.clear();
  }

 private:
  struct Entry {
    Value value;
    Time since;
  };
  /// An entry of the future is not fresh either: the clock was set back.
  bool fresh(const Entry& entry, Time now) const { return entry.since <= now && now - entry.since < life_; }

  const Duration life_;
  const std::size_t capacity_;
  mutable Mutex mutex_;
  std::unordered_map<std::string, Entry> entries_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::auth
