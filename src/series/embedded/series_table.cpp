#include "series/embedded/series_table.h"

#include <cstring>

#include "base/crypto.h"
#include "base/hash.h"

namespace sentinella::series {
namespace {

std::uint64_t random_seed() {
  std::uint64_t seed;
  std::memcpy(&seed, random_bytes(sizeof seed).data(), sizeof seed);
  return seed;
}

}  // namespace

SeriesTable::SeriesTable() : seed_(random_seed()) {}

SeriesHash SeriesTable::hash(AccountId account, std::string_view canonical) const {
  const Hash128 hash =
      hash128(canonical, seed_ + static_cast<std::uint64_t>(account) * 0x9e37'79b9'7f4a'7c15);
  return {hash.low, static_cast<std::uint32_t>(hash.high)};
}

SeriesTable::Entry* SeriesTable::place(std::vector<Entry>& entries, const SeriesHash& hash) {
  const std::size_t mask = entries.size() - 1;
  for (std::size_t at = hash.low & mask;; at = (at + 1) & mask) {
    Entry& entry = entries[at];
    if (entry.slot_plus_one == 0 || (entry.low == hash.low && entry.high == hash.high)) return &entry;
  }
}

void SeriesTable::rebuild(Shard& shard, std::size_t size, const std::unordered_set<Slot>& without) {
  std::vector<Entry> fresh(size);
  shard.used = 0;
  for (const Entry& entry : shard.entries) {
    if (entry.slot_plus_one == 0 || without.contains(entry.slot_plus_one - 1)) continue;
    *place(fresh, {entry.low, entry.high}) = entry;
    ++shard.used;
  }
  shard.entries = std::move(fresh);
}

void SeriesTable::erase(const std::unordered_set<Slot>& slots) {
  for (Shard& shard : shards_) {
    Lock lock(shard.mutex);
    rebuild(shard, shard.entries.size(), slots);
  }
}

}  // namespace sentinella::series
