// A series as a sender writes it, before anybody has looked inside: the raw bytes, hashed. Doors remember
// what they resolved under such a key, so that a known series costs a hash and a probe.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
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
  /// The id may be used as it is from now on; else the store must be asked again next time, or AreDefined.
  bool lasting = false;
};

/// Asks the store. `canonical` is as Labels::canonical() gives it. An error refuses the series' samples.
using ResolveSeries = std::function<Result<ResolvedSeries>(std::string_view canonical, SeriesKind kind)>;

/// Whether all of these series, which once needed a definition, need none any more. May say no for a while
/// although they do not.
using AreDefined = std::function<bool(std::span<const SeriesId> ids)>;

/// From key to Value; entries are never taken out one by one. Senders repeat themselves: what was asked for
/// in the order in which it was added is found without a look into the table. Not thread-safe; up to 2^32 - 1
/// entries. Values move when others are added.
template <typename Value>
class SeriesKeyTable {
 public:
  Value* find(const SeriesKey& key) {
    if (next_ < entries_.size() && entries_[next_].key == key) return &entries_[next_++].value;
    if (entries_.empty()) return nullptr;
    const std::uint32_t number = places_[place_of(key)];
    if (number == 0) return nullptr;
    next_ = number;
    return &entries_[number - 1].value;
  }
  /// The value of `key`, made when there was none.
  Value& operator[](const SeriesKey& key) {
    if (Value* known = find(key)) return *known;
    if ((entries_.size() + 1) * 3 > places_.size() * 2) grow();
    entries_.push_back({key, Value{}});
    next_ = entries_.size();
    places_[place_of(key)] = static_cast<std::uint32_t>(next_);
    return entries_.back().value;
  }
  std::size_t size() const { return entries_.size(); }
  void clear() {
    entries_ = {};
    places_ = {};
    next_ = 0;
  }

 private:
  struct Entry {
    SeriesKey key;
    Value value{};
  };
  /// Where in places_ the key is, or belongs.
  std::size_t place_of(const SeriesKey& key) const {
    const std::size_t mask = places_.size() - 1;
    for (std::size_t at = key.low & mask;; at = (at + 1) & mask)
      if (places_[at] == 0 || entries_[places_[at] - 1].key == key) return at;
  }
  void grow() {
    places_.assign(places_.empty() ? 64 : places_.size() * 2, 0);
    const std::size_t mask = places_.size() - 1;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      std::size_t at = entries_[i].key.low & mask;
      while (places_[at] != 0) at = (at + 1) & mask;
      places_[at] = static_cast<std::uint32_t>(i + 1);
    }
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> places_;  ///< open addressing; one more than the entry's number, 0 = free
  std::size_t next_ = 0;               ///< behind the entry found last
};

}  // namespace sentinella::codec
