// Samples in memory: per series an open stream of the newest ones, those that came late beside it, and what
// has been sealed but is not on disk yet. Durable through the journal and snapshots (head_snapshot.h).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "model/series.h"
#include "series/embedded/pieces.h"
#include "series/embedded/series_registry.h"
#include "series/embedded/series_slab.h"

namespace sentinella::series {

/// Two hours at 10 s.
inline constexpr std::size_t kChunkSamples = 720;
/// No chunk spans more, so that a reader knows where to stop looking.
inline constexpr Duration kMaxChunkSpan = std::chrono::hours(24);

/// The journal offset of the batch that gave a chunk its sequence.
inline constexpr std::uint64_t kSequencesPerBatch = 1 << 14;
inline std::uint64_t batch_of(std::uint64_t sequence) {
  return sequence / kSequencesPerBatch;
}

/// Samples that will change no more, on their way to the disk. Constant once made.
struct SealedSamples {
  Slot slot = kNoSlot;
  SeriesId id{};
  AccountId account{};
  Rank rank;
  Time first, last;
  PackedSamples packed;  ///< when not late
  Columns late;
  std::size_t bytes() const { return packed.size + late.size() * 16 + sizeof(SealedSamples); }
  Columns columns() const;
};
using Sealed = std::shared_ptr<const SealedSamples>;

/// Reading is thread-safe; the rest is for the appending thread, forget() for any.
class SampleHead {
 public:
  /// `seal` is given what is full; it must not block.
  SampleHead(SeriesRegistry& registry, Duration late_window, std::function<void(Sealed)> seal)
      : registry_(registry), slab_(registry.slab()), late_window_(late_window), seal_(std::move(seal)) {}

  /// Ids of other accounts are refused like unknown ones.
  void append(AccountId account, const SampleBlock& block, Time horizon, std::uint64_t journal_offset,
              AppendReport& report);
  /// Seals the streams of series, in turn, until the head is below `bytes`.
  void shrink(std::size_t bytes, std::uint64_t journal_offset);
  /// Removes samples of the range that are not sealed.
  void erase(Slot slot, TimeRange range);
  /// The series is about to be retired.
  void drop(Slot slot);

  /// What a series has in memory and in the range; nothing when the slot is another series' by now. True: no
  /// chunk on disk has more.
  bool read(const FoundSeries& series, TimeRange range, std::vector<Piece>& pieces) const;
  /// Calls `take(index, series)` for each series that is still there, under its slot's lock.
  template <typename Take>
  void each(std::span<const FoundSeries> found, Take take) const {
    each_slot(
        found.size(), [&](std::size_t i) { return found[i].slot; },
        [&](std::size_t i, const Series& series) {
          if (series.id == found[i].id) take(i, series);
        });
  }
  /// The same for slots that cannot be given to other series meanwhile: `take(slot, series)`.
  template <typename Take>
  void each(std::span<const Slot> slots, Take take) const {
    each_slot(
        slots.size(), [&](std::size_t i) { return slots[i]; },
        [&](std::size_t i, const Series& series) { take(slots[i], series); });
  }
  /// Of a series under its slot's lock: its newest sample at or before `at`, with the minimum as its time
  /// when there is none. nullopt: memory cannot tell, the disk may hold a newer one.
  static std::optional<Sample> newest_until(const Series& series, Time at);
  /// After erase(): the newest sample there is now.
  void remember(Slot slot, Time at, double value);
  /// These are on disk now.
  void forget(const std::vector<Sealed>& sealed);

  /// For snapshots, which see one series at a time.
  struct State {
    const OpenStream& open;
    const Columns* late;  ///< null when there are none
    std::uint8_t flags;
  };
  template <typename Visit>
  void visit(Slot slot, Visit visit_state) const {
    Lock lock(slab_.lock_of(slot));
    const Series& series = slab_[slot];
    const auto& late = late_[SeriesSlab::stripe_of(slot)];
    const auto at = late.find(slot);
    visit_state(State{series.open, at == late.end() ? nullptr : &at->second, series.flags});
  }
  void restore(Slot slot, OpenStream open, Columns late, std::uint8_t flags);

  std::size_t bytes() const { return bytes_; }
  std::size_t samples() const { return samples_; }

 private:
  template <typename SlotOf, typename Take>
  void each_slot(std::size_t count, SlotOf slot_of, Take take) const {
    Mutex* held = nullptr;
    for (std::size_t i = 0; i < count; ++i) {
      if (i + kAhead < count) __builtin_prefetch(&slab_[slot_of(i + kAhead)]);
      const Slot slot = slot_of(i);
      if (Mutex* lock = &slab_.lock_of(slot); lock != held) {
        if (held != nullptr) held->unlock();
        lock->lock();
        held = lock;
      }
      take(i, slab_[slot]);
    }
    if (held != nullptr) held->unlock();
  }
  static constexpr std::size_t kAhead = 16;  ///< far enough for a line of memory to arrive

  /// One row of append(), under the slot's lock.
  struct Batch;
  void put(Slot slot, Series& series, Time at, double value, Batch& batch);
  void put_late(Slot slot, Series& series, Time at, double value, Batch& batch);
  void replace_last(Series& series, double value);
  void seal_open(Slot slot, Series& series, std::uint64_t journal_offset);
  void seal_late(Slot slot, Series& series, std::uint64_t journal_offset);
  std::uint64_t next_sequence(std::uint64_t journal_offset);
  void hand_over(Slot slot, Series& series, std::shared_ptr<SealedSamples> sealed);

  SeriesRegistry& registry_;
  SeriesSlab& slab_;
  const Duration late_window_;
  const std::function<void(Sealed)> seal_;
  std::atomic<std::size_t> bytes_ = 0, samples_ = 0;
  Slot shrink_from_ = 0;
  std::uint64_t sequence_offset_ = 0, sequence_in_batch_ = 0;
  // By stripe, guarded by its lock.
  std::array<std::unordered_map<Slot, Columns>, SeriesSlab::kStripes> late_;
  std::array<std::unordered_map<Slot, std::vector<Sealed>>, SeriesSlab::kStripes> sealed_;
};

}  // namespace sentinella::series
