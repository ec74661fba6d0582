// Which messages have been taken within a window, so that one that comes twice counts once.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"

namespace sentinella::telemetry {

/// The newest kMost ids, by 128 bits of their hash. Not thread-safe.
class RecentIds {
 public:
  static constexpr std::size_t kMost = 65'536;

  RecentIds();
  /// False when it was there.
  bool insert(std::string_view id);
  std::size_t size() const { return ring_.size(); }
  void save(ByteWriter& out) const;
  /// On damage in.ok() is false and nothing is remembered.
  void restore(ByteReader& in);

 private:
  struct Key {
    std::uint64_t low = 0, high = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  /// A place of the ring; kFree: none.
  using Place = std::uint32_t;
  static constexpr Place kFree = UINT32_MAX;
  static constexpr std::size_t kSlots = 2 * kMost;

  bool insert(Key key);
  void forget(Key key);
  void clear();
  /// Where the key is, or where it would go.
  std::size_t slot_of(Key key) const;

  std::vector<Key> ring_;     ///< in the order of their coming, from oldest_ on
  std::size_t oldest_ = 0;    ///< 0 until the ring is full
  std::vector<Place> slots_;  ///< a hash table with linear probing
};

}  // namespace sentinella::telemetry
