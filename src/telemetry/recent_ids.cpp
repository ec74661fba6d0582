#include "telemetry/recent_ids.h"

namespace sentinella::telemetry {

bool RecentIds::insert(std::string_view id) {
  const Hash128 hash = hash128(id);
  return insert(Key{hash.low, hash.high});
}

bool RecentIds::insert(Key key) {
  if (!known_.insert(key).second) return false;
  order_.push_back(key);
  if (order_.size() > kMost) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

void RecentIds::save(ByteWriter& out) const {
  out.varint(order_.size());
  for (const Key& key : order_) {
    out.fixed(key.low);
    out.fixed(key.high);
  }
}

void RecentIds::restore(ByteReader& in) {
  known_.clear();
  order_.clear();
  for (std::uint64_t count = in.varint(); count > 0 && in.ok(); --count) {
    Key key;
    key.low = in.fixed<std::uint64_t>();
    key.high = in.fixed<std::uint64_t>();
    if (in.ok()) insert(key);
  }
  if (in.ok()) return;
  known_.clear();
  order_.clear();
}

}  // namespace sentinella::telemetry
