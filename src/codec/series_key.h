// A series as a sender writes it, before anybody has looked inside: the raw bytes, hashed. Doors remember
// what they resolved under such a key, so that a known series costs a hash and a probe.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/account.h"
#include "model/sample_block.h"

namespace sentinella::codec {

/// 128 bits of XXH3 under a seed that differs from process to process: equal keys are equal bytes, with a
/// chance of 1e-20 otherwise among a billion.
struct SeriesKey {
  std::uint64_t low = 0;  ///< 0 only in the key of nothing
  std::uint64_t high = 0;
  friend bool operator==(const SeriesKey&, const SeriesKey&) = default;
};

/// Never the key of nothing.
SeriesKey series_key(std::string_view raw, std::uint64_t seed);
/// A seed for the keys of one account: unforeseeable, so that no sender can make two keys collide.
std::uint64_t series_key_seed(AccountId account);

/// What the store says of a series.
struct ResolvedSeries {
  SeriesId id{};
  bool lasting = false;  ///< the id may be remembered; else the store must be asked again next time
};

/// Asks the store. `canonical` is as Labels::canonical() gives it. An error refuses the series' samples.
using ResolveSeries = std::function<Result<ResolvedSeries>(std::string_view canonical, SeriesKind kind)>;

/// From key to Value; entries are never taken out one by one. Not thread-safe.
template <typename Value>
class SeriesKeyTable {
 public:
  Value* find(const SeriesKey& key) {
    if (slots_.empty()) return nullptr;
    for (std::size_t at = key.low & mask();; at = (at + 1) & mask()) {
      Slot& slot = slots_[at];
      if (slot.key == key) return &slot.value;
      if (slot.key.low == 0) return nullptr;
    }
  }
  /// The value of `key`, made when there was none.
  Value& operator[](const SeriesKey& key) {
    if (Value* known = find(key)) return *known;
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    ++size_;
    return place({key, Value{}}).value;
  }
  std::size_t size() const { return size_; }
  void clear() {
    slots_ = {};
    size_ = 0;
  }

 private:
  struct Slot {
    SeriesKey key;
    Value value{};
  };
  std::size_t mask() const { return slots_.size() - 1; }
  Slot& place(Slot&& slot) {
    std::size_t at = slot.key.low & mask();
    while (slots_[at].key.low != 0) at = (at + 1) & mask();
    return slots_[at] = std::move(slot);
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (Slot& slot : old)
      if (slot.key.low != 0) place(std::move(slot));
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace sentinella::codec
