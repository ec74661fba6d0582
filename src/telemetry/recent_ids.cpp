#include "telemetry/recent_ids.h"

namespace sentinella::telemetry {

RecentIds::RecentIds() : slots_(kSlots, kFree) {}

bool RecentIds::insert(std::string_view id) {
  const Hash128 hash = hash128(id);
  return insert(Key{hash.low, hash.high});
}

std::size_t RecentIds::slot_of(Key key) const {
  std::size_t slot = key.low % kSlots;
  while (slots_[slot] != kFree && ring_[slots_[slot]] != key) slot = (slot + 1) % kSlots;
  return slot;
}

bool RecentIds::insert(Key key) {
  if (slots_[slot_of(key)] != kFree) return false;
  std::size_t place = ring_.size();
  if (place < kMost) {
    ring_.push_back(key);
  } else {
    place = oldest_;
    forget(ring_[place]);
    ring_[place] = key;
    oldest_ = (oldest_ + 1) % kMost;
  }
  slots_[slot_of(key)] = static_cast<Place>(place);
  return true;
}

/// What lies behind it in the same run moves up, where it may, so that no search ends too early.
void RecentIds::forget(Key key) {
  std::size_t hole = slot_of(key);
  for (std::size_t next = (hole + 1) % kSlots; slots_[next] != kFree; next = (next + 1) % kSlots) {
    const std::size_t home = ring_[slots_[next]].low % kSlots;
    const bool may_move = (next - home) % kSlots >= (next - hole) % kSlots;
    if (!may_move) continue;
    slots_[hole] = slots_[next];
    hole = next;
  }
  slots_[hole] = kFree;
}

void RecentIds::clear() {
  ring_.clear();
  oldest_ = 0;
  slots_.assign(kSlots, kFree);
}

void RecentIds::save(ByteWriter& out) const {
  out.varint(ring_.size());
  for (std::size_t i = 0; i < ring_.size(); ++i) {
    const Key& key = ring_[(oldest_ + i) % ring_.size()];
    out.fixed(key.low);
    out.fixed(key.high);
  }
}

void RecentIds::restore(ByteReader& in) {
  clear();
  for (std::uint64_t count = in.varint(); count > 0 && in.ok(); --count) {
    Key key;
    key.low = in.fixed<std::uint64_t>();
    key.high = in.fixed<std::uint64_t>();
    if (in.ok()) insert(key);
  }
  if (!in.ok()) clear();
}

}  // namespace sentinella::telemetry
