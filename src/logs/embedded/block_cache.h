// The blocks that were read last, kept decoded for the next search.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "logs/block/log_block.h"
#include "model/account.h"

namespace sentinella::logs {

/// Thread-safe. Holds more than `capacity` only while those who asked still work on it.
class BlockCache {
 public:
  using Key = std::pair<AccountId, std::uint64_t>;

  explicit BlockCache(std::size_t capacity) : capacity_(capacity) {}

  std::shared_ptr<LogBlock> get(const Key& key, const std::function<std::shared_ptr<LogBlock>()>& open) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(key);
    if (at != entries_.end()) {
      order_.splice(order_.begin(), order_, at->second.place);
      return at->second.block;
    }
    order_.push_front(key);
    return entries_.emplace(key, Entry{open(), order_.begin(), 0}).first->second.block;
  }
  /// A block was worked on: what it now takes is counted, and the longest unused make room.
  void settle(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(key);
    if (at == entries_.end()) return;
    const std::size_t now = at->second.block->footprint();
    used_ += now - at->second.counted;
    at->second.counted = now;
    while (used_ > capacity_ && entries_.size() > 1) erase(entries_.find(order_.back()));
  }
  void forget(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(key);
    if (at != entries_.end()) erase(at);
  }

 private:
  struct Entry {
    std::shared_ptr<LogBlock> block;
    std::list<Key>::iterator place;
    std::size_t counted = 0;
  };
  void erase(std::map<Key, Entry>::iterator at) {
    used_ -= at->second.counted;
    order_.erase(at->second.place);
    entries_.erase(at);
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::list<Key> order_;  // the last used first
  std::map<Key, Entry> entries_;
  std::size_t used_ = 0;
};

}  // namespace sentinella::logs
