// Which messages have been taken within a window, so that one that comes twice counts once.
#pragma once

#include <deque>
#include <string_view>
#include <unordered_set>

#include "base/bytes.h"
#include "base/hash.h"

namespace sentinella::telemetry {

/// The newest kMost ids, by 128 bits of their hash. Not thread-safe.
class RecentIds {
 public:
  static constexpr std::size_t kMost = 65'536;

  /// False when it was there.
  bool insert(std::string_view id);
  std::size_t size() const { return order_.size(); }
  void save(ByteWriter& out) const;
  /// On damage in.ok() is false and nothing is remembered.
  void restore(ByteReader& in);

 private:
  struct Key {
    std::uint64_t low = 0, high = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return key.low; }
  };
  bool insert(Key key);

  std::unordered_set<Key, KeyHash> known_;
  std::deque<Key> order_;  ///< oldest first
};

}  // namespace sentinella::telemetry
