// What becomes of samples on disk as they grow old: rolled up, then dropped.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "kv/database.h"
#include "series/embedded/chunk_rows.h"
#include "series/embedded/series_reader.h"
#include "series/embedded/series_registry.h"
#include "series/series_store.h"

namespace sentinella::series {

/// Before which instants samples are no longer kept, or no longer kept as they came.
struct Cutoff {
  Time dropped{INT64_MIN}, rolled{INT64_MIN};
};

/// Of each series, at one moment.
class Cutoffs {
 public:
  Cutoffs(const SeriesRegistry& registry, const ChunkRows& rows, const Retention& retention, Time now);

  Cutoff of(SeriesId id) const {
    const auto stricter = stricter_.find(static_cast<std::uint64_t>(id));
    return stricter == stricter_.end() ? general_ : stricter->second;
  }
  const Cutoff& general() const { return general_; }
  /// The earliest `rolled` of all.
  Time first_rolled() const { return first_rolled_; }

 private:
  void add(const SeriesRegistry& registry, const ChunkRows& rows, AccountId account, const SeriesLimit& limit,
           Time now);

  Cutoff general_;
  Time first_rolled_;
  std::unordered_map<std::uint64_t, Cutoff> stricter_;
};

/// Not thread-safe, but for those who append and read meanwhile.
class Aging {
 public:
  Aging(kv::Database& db, ChunkRows& rows, SeriesReader& reader, SeriesRegistry& registry)
      : db_(db), rows_(rows), reader_(reader), registry_(registry) {}

  /// After all series are known.
  Result<void> open();
  /// Deletes chunks that have ended before their series' cutoff.
  Result<void> drop(const Cutoffs& cutoffs);
  /// Replaces samples of whole days by roll-ups. Chunks that a replay of the journal from `durable_offset` on
  /// would write again stay as they are. `lock` is held, but let go now and then; retention.interrupted is
  /// asked then and ends it.
  Result<void> roll_up(const Retention& retention, const Cutoffs& cutoffs, std::uint64_t durable_offset,
                       std::unique_lock<std::mutex>& lock);

 private:
  struct Place {
    SeriesId id{};
    AccountId account{};
    SeriesKind kind{};
    std::uint16_t oldest_day = 0, oldest_raw_day = 0;
  };
  Place place(Slot slot) const;
  bool has_label(Slot slot, const Place& series, std::string_view name) const;
  /// Returns the end of the oldest chunk of samples that is left.
  Result<Time> roll_up_series(const Place& series, Time until, Duration span, std::uint64_t durable_offset);
  struct Day;
  Result<void> finish(const Place& series, const Day& day, Duration span);
  template <typename Change>
  void set_oldest_raw(Slot slot, SeriesId id, Change change);

  kv::Database& db_;
  ChunkRows& rows_;
  SeriesReader& reader_;
  SeriesRegistry& registry_;
};

}  // namespace sentinella::series
