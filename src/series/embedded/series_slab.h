// All series in memory, side by side, each in a slot. A slot is used again when its series is gone: whoever
// held on to a slot without a lock must compare the id.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "model/account.h"
#include "model/sample_block.h"
#include "series/embedded/open_stream.h"

namespace sentinella::series {

using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = UINT32_MAX;

enum SeriesFlag : std::uint8_t {
  kIndexed = 1,       ///< defined: has labels, can be found
  kHasLate = 2,       ///< late samples wait in memory
  kHasSealed = 4,     ///< sealed samples wait for the disk
  kLateOnDisk = 8,    ///< chunks on disk may overlap
  kDoomed = 16,       ///< had nothing left when retention last looked
  kNeverSealed = 32,  ///< new in this run, and nothing of it has left its open stream: not on disk
};

/// Days since the epoch from 1 on; times before 1970 count as the first.
inline std::uint16_t day_of(Time at) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  return static_cast<std::uint16_t>(std::clamp<std::int64_t>(at.ns / kDay, 0, UINT16_MAX - 1) + 1);
}

/// One cache line. `needs_definition` may be read without a lock; the rest is guarded by the slot's lock
/// in the slab. id, account, kind and labels_* do not change while the registry's lock is held.
struct Series {
  SeriesId id{};
  AccountId account{};
  std::uint32_t labels_at = 0;  ///< into the account's label index
  std::uint8_t label_count = 0;
  SeriesKind kind = SeriesKind::gauge;
  std::uint8_t flags = 0;
  std::atomic<bool> needs_definition = true;
  /// No chunk on disk ends before this day (day_of); 0 = not known.
  std::uint16_t oldest_day = 0;
  /// The same of chunks that hold samples, not roll-ups; 0 = there are none.
  std::uint16_t oldest_raw_day = 0;
  OpenStream open;
};
static_assert(sizeof(Series) == 64);

/// allocate and release need a lock of the caller's; the rest is thread-safe.
class SeriesSlab {
 public:
  Series& operator[](Slot slot) const {
    return (*pages_[slot / kPageSlots].load(std::memory_order_acquire))[slot % kPageSlots];
  }
  /// kNoSlot: over 67 million.
  Slot allocate() {
    if (!free_.empty()) {
      const Slot slot = free_.back();
      free_.pop_back();
      return slot;
    }
    const Slot slot = end_.load(std::memory_order_relaxed);
    if (slot == kPages * kPageSlots) return kNoSlot;
    if (slot % kPageSlots == 0) {
      owned_.push_back(std::make_unique<Page>());
      pages_[slot / kPageSlots].store(owned_.back().get(), std::memory_order_release);
    }
    end_.store(slot + 1, std::memory_order_release);
    return slot;
  }
  void release(Slot slot) { free_.push_back(slot); }
  /// Guards the series of a run of slots.
  Mutex& lock_of(Slot slot) const { return stripes_[stripe_of(slot)].mutex; }
  static constexpr std::size_t kStripes = 64;
  static std::size_t stripe_of(Slot slot) { return slot / 256 % kStripes; }
  /// One more than the greatest slot ever given; slots that are free have the id 0.
  Slot end() const { return end_.load(std::memory_order_acquire); }

 private:
  static constexpr std::size_t kPageSlots = 1024, kPages = 1 << 16;
  using Page = std::array<Series, kPageSlots>;

  struct alignas(64) Stripe {
    Mutex mutex;
  };

  mutable std::array<Stripe, kStripes> stripes_;
  std::unique_ptr<std::atomic<Page*>[]> pages_ = std::make_unique<std::atomic<Page*>[]>(kPages);
  std::vector<std::unique_ptr<Page>> owned_;
  std::vector<Slot> free_;
  std::atomic<Slot> end_ = 0;
};

/// From id to slot: an array in pages, as ids are given out in order. Not thread-safe.
class SlotMap {
 public:
  Slot find(SeriesId id) const {
    const auto number = static_cast<std::uint64_t>(id);
    const std::uint64_t page = number / kPageIds;
    if (page >= pages_.size() || !pages_[page]) return kNoSlot;
    return pages_[page]->slots[number % kPageIds];
  }
  void set(SeriesId id, Slot slot) {
    const auto number = static_cast<std::uint64_t>(id);
    if (number / kPageIds >= pages_.size()) pages_.resize(number / kPageIds + 1);
    auto& page = pages_[number / kPageIds];
    if (!page) page = std::make_unique<Page>();
    Slot& at = page->slots[number % kPageIds];
    page->used += at == kNoSlot ? 1 : 0;
    at = slot;
  }
  void erase(SeriesId id) {
    const auto number = static_cast<std::uint64_t>(id);
    if (find(id) == kNoSlot) return;
    auto& page = pages_[number / kPageIds];
    page->slots[number % kPageIds] = kNoSlot;
    if (--page->used == 0) page.reset();
  }

 private:
  static constexpr std::size_t kPageIds = 1024;
  struct Page {
    Page() { slots.fill(kNoSlot); }
    std::array<Slot, kPageIds> slots;
    std::size_t used = 0;
  };
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace sentinella::series
