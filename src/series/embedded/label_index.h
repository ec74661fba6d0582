// The labels of one account's series: each pair of name and value once, and for each pair the series that
// have it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/labels.h"
#include "series/embedded/compiled_selector.h"
#include "series/embedded/series_slab.h"

namespace sentinella::series {

/// Stands for name and value; 0 is none.
using PairId = std::uint32_t;
using NameId = std::uint32_t;
inline constexpr NameId kNoName = UINT32_MAX;

/// Not thread-safe.
class LabelIndex {
 public:
  explicit LabelIndex(const SeriesSlab& slab) : slab_(slab) {}

  /// `canonical` must be in canonical form, of at most 255 labels. Fills labels_at and label_count.
  void add(Slot slot, std::string_view canonical);
  /// Of series that are still in the slab.
  void remove(std::span<const Slot> slots);

  std::string canonical(const Series& series) const;
  Labels labels(const Series& series) const;
  std::span<const PairId> pairs(const Series& series) const {
    return {pool_.data() + series.labels_at, series.label_count};
  }
  NameId find_name(std::string_view name) const;
  /// 0 when the series lacks the label.
  PairId pair_of(const Series& series, NameId name) const {
    for (const PairId pair : pairs(series))
      if (pairs_[pair].name == name) return pair;
    return 0;
  }
  NameId name_of(PairId pair) const { return pairs_[pair].name; }
  std::string_view name(NameId name) const { return names_[name].text; }
  std::string_view value(PairId pair) const;
  std::size_t pair_count() const { return pairs_.size(); }

  /// Sorted; of all series.
  std::vector<std::string> names() const;
  std::vector<std::string> values(std::string_view name) const;
  /// Some series with the pair; kNoSlot when there is none.
  Slot one_with(PairId pair) const {
    return pairs_[pair].slots.empty() ? kNoSlot : pairs_[pair].slots.front();
  }
  std::span<const PairId> pairs_of(NameId name) const { return names_[name].pairs; }

  /// All that match, in no particular order. nullopt: over `max_series`, or over `max_candidates` would have
  /// to be looked at.
  std::optional<std::vector<Slot>> find(const std::vector<CompiledMatcher>& matchers, std::size_t max_series,
                                        std::size_t max_candidates) const;

 private:
  struct Pair {
    std::string bytes;  ///< as in canonical(): name text, value text
    std::uint64_t hash = 0;
    NameId name = kNoName;
    std::vector<Slot> slots;
  };
  struct Name {
    std::string text;
    std::vector<PairId> pairs;  ///< with series
  };
  class Question;

  PairId intern(std::string_view bytes);
  /// Where in table_ the pair is, or belongs.
  std::size_t place(std::string_view bytes, std::uint64_t hash) const;
  void rehash(std::size_t size);
  std::uint32_t place_labels(std::span<const PairId> pairs);
  void forget(PairId pair);

  const SeriesSlab& slab_;
  std::vector<Slot> everyone_;
  std::vector<PairId> pool_;                                           ///< the series' pairs
  std::unordered_map<std::size_t, std::vector<std::uint32_t>> holes_;  ///< in pool_, by length
  std::vector<Pair> pairs_{{}};
  std::vector<PairId> free_pairs_;
  std::vector<PairId> table_ = std::vector<PairId>(64);  ///< open addressing; 0 = free
  std::size_t pairs_used_ = 0;
  std::array<PairId, 255> before_{};  ///< of the series added last; 0 = unknown
  std::vector<Name> names_;
  std::unordered_map<std::string, NameId> name_ids_;
};

}  // namespace sentinella::series
