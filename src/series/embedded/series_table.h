// From labels to slots. Labels are known by 96 bits of a hash with a secret seed: of ten million series two
// share them with a probability of 10^-15.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "model/account.h"
#include "series/embedded/series_slab.h"

namespace sentinella::series {

struct SeriesHash {
  std::uint64_t low = 0;
  std::uint32_t high = 0;
  friend bool operator==(const SeriesHash&, const SeriesHash&) = default;
};

/// Thread-safe: in shards, each with a lock of its own that is held for one look.
class SeriesTable {
 public:
  SeriesTable();

  SeriesHash hash(AccountId account, std::string_view canonical) const;
  /// Calls `use` with the slot that is there, or that `make` gives when none is, under the shard's lock.
  /// kNoSlot from `make` adds nothing.
  template <typename Make, typename Use>
  void find_or_add(const SeriesHash& hash, Make make, Use use) {
    Shard& shard = shard_of(hash);
    Lock lock(shard.mutex);
    Entry& entry = *place(shard.entries, hash);
    if (entry.slot_plus_one != 0) return use(entry.slot_plus_one - 1);
    const Slot slot = make();
    if (slot == kNoSlot) return;
    entry = {hash.low, hash.high, slot + 1};
    use(slot);
    if (++shard.used * 3 > shard.entries.size() * 2) rebuild(shard, shard.entries.size() * 2, {});
  }
  void erase(const std::unordered_set<Slot>& slots);

 private:
  struct Entry {
    std::uint64_t low = 0;
    std::uint32_t high = 0;
    Slot slot_plus_one = 0;
  };
  struct alignas(64) Shard {
    Mutex mutex;
    std::vector<Entry> entries = std::vector<Entry>(16);  // a power of two
    std::size_t used = 0;
  };

  Shard& shard_of(const SeriesHash& hash) { return shards_[hash.low >> 58]; }
  /// The entry of `hash`, or the free one where it belongs.
  static Entry* place(std::vector<Entry>& entries, const SeriesHash& hash);
  static void rebuild(Shard& shard, std::size_t size, const std::unordered_set<Slot>& without)
      SENT_REQUIRES(shard.mutex);

  const std::uint64_t seed_;
  std::array<Shard, 64> shards_;
};

}  // namespace sentinella::series
