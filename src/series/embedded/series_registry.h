// Which series there are: labels to ids for the doors, ids to series for the appending thread, labels to
// series for readers.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "series/embedded/label_index.h"
#include "series/embedded/series_slab.h"
#include "series/embedded/series_table.h"
#include "series/series_store.h"

namespace sentinella::series {

struct FoundSeries {
  Slot slot = kNoSlot;
  SeriesId id{};
  SeriesKind kind = SeriesKind::gauge;
};

/// Thread-safe but for what says so. "The appending thread" is whoever holds the store's lock for appending.
class SeriesRegistry {
 public:
  explicit SeriesRegistry(std::size_t max_series_per_account) : max_series_(max_series_per_account) {}

  SeriesSlab& slab() { return slab_; }
  const SeriesSlab& slab() const { return slab_; }

  Result<Resolved> resolve(AccountId account, std::string_view canonical, SeriesKind kind);
  std::uint64_t epoch() const { return epoch_; }
  /// As SeriesStore has it.
  bool are_defined(std::span<const SeriesId> ids) const;

  /// Makes series findable. An id whose labels belong to another series by now leads to that one. Appending
  /// thread only; `fresh` gets the slots that were not findable before. kCorrupt: labels not in canonical
  /// form.
  Result<void> define(AccountId account, std::span<const SeriesDefinition> definitions,
                      std::vector<Slot>& fresh);
  /// Appending thread only; kNoSlot when the id is not known.
  Slot slot_of(SeriesId id) const { return ids_.find(id); }
  /// From here on batches define the series again, and doors ask again. Appending thread only.
  void doom(std::span<const Slot> slots);
  /// Forgets series that are doomed; the slots are used again. Appending thread only.
  void retire(const std::vector<Slot>& slots);

  /// In order of age. An empty selector finds all. kInvalid: a bad regex. kTooLarge: over `max_series`, or
  /// over `max_candidates` would have to be looked at.
  Result<std::vector<FoundSeries>> find(AccountId account, const Selector& selector, std::size_t max_series,
                                        std::size_t max_candidates = SIZE_MAX) const;
  /// The same without a list of what was found: calls `use(index, slots)` under the lock, unless the account
  /// has no series.
  using UseSlots = std::function<void(const LabelIndex&, std::span<const Slot>)>;
  Result<void> find(AccountId account, const Selector& selector, std::size_t max_series,
                    std::size_t max_candidates, const UseSlots& use) const;
  /// Calls `use(const LabelIndex&)` under the lock, unless the account has none.
  template <typename Use>
  void with_labels(AccountId account, Use use) const {
    const std::shared_lock lock(mutex_);
    if (const auto at = accounts_.find(account); at != accounts_.end()) use(at->second->labels);
  }
  std::shared_ptr<const Labels> labels(AccountId account, SeriesId id) const;
  /// Of a series that was found and may be gone by now: then empty.
  Labels labels(AccountId account, const FoundSeries& found) const;
  std::string canonical(Slot slot) const;

  std::size_t size() const { return indexed_; }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t last_id() const { return last_id_; }
  /// No id up to this one will be given to a new series.
  void skip_ids(std::uint64_t last);

 private:
  struct Account {
    explicit Account(const SeriesSlab& slab) : labels(slab) {}
    LabelIndex labels;
  };

  Slot create(AccountId account, SeriesId id, SeriesKind kind);
  Result<Slot> slot_for(AccountId account, const SeriesDefinition& definition);
  bool is_next_slot(AccountId account, SeriesId id) const;

  const std::size_t max_series_;
  SeriesSlab slab_;
  SeriesTable table_;
  std::atomic<std::uint64_t> last_id_ = 0, epoch_ = 1, refused_ = 0, indexed_ = 0;

  Mutex create_mutex_;  ///< guards allocation in slab_, too
  std::unordered_map<std::uint32_t, std::size_t> series_of_account_ SENT_GUARDED_BY(create_mutex_);

  Slot next_slot_ = 0;  ///< where the next series to be defined is likely to be; the appending thread's

  mutable std::shared_mutex mutex_;  ///< guards what follows; the appending thread may read ids_ without it
  std::map<AccountId, std::unique_ptr<Account>> accounts_;
  SlotMap ids_;
  std::unordered_map<Slot, std::vector<SeriesId>> other_ids_;  ///< that lead to the series too
};

}  // namespace sentinella::series
