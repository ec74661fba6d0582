// One series' samples from memory and disk together.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "series/embedded/chunk_codec.h"
#include "series/embedded/chunk_rows.h"
#include "series/embedded/sample_head.h"
#include "series/embedded/series_registry.h"
#include "series/series_store.h"

namespace sentinella::series {

/// Thread-safe. A chunk that is damaged is left out, counted and logged; what remains is the answer.
class SeriesReader {
 public:
  SeriesReader(const SampleHead& head, const ChunkRows& rows) : head_(head), rows_(rows) {}

  /// kTooLarge: more than limits.max_samples would have to be read, or the disk where it must not.
  Result<Columns> read(AccountId account, const FoundSeries& series, TimeRange range,
                       const Limits& limits) const;
  /// `at` are the windows' ends. Decodes no chunk that lies in the same windows as a whole.
  Result<Columns> windows(AccountId account, const FoundSeries& series, const Windows& windows,
                          WindowFunction function, const Limits& limits) const;

  std::uint64_t damaged_chunks() const { return damaged_; }
  /// Tells of a chunk that cannot be read.
  void damaged(AccountId account, SeriesId id, const Error& error) const;

 private:
  using Wanted = std::function<bool(const ChunkSummary&)>;
  /// The sound chunks that have samples in the range, and perhaps others; of those in the range the wanted
  /// ones are unpacked.
  Result<SharedChunks> on_disk(AccountId account, const FoundSeries& series, TimeRange range,
                               const Limits& limits, const Wanted& wanted) const;
  struct Scan;
  Result<Scan> scan(AccountId account, const FoundSeries& series, TimeRange range, const SharedChunks& known,
                    const Limits& limits, const Wanted& wanted) const;
  struct Part;

  const SampleHead& head_;
  const ChunkRows& rows_;
  mutable std::atomic<std::uint64_t> damaged_ = 0;
};

/// The samples that any of the windows may hold. kInvalid: step or width is not positive.
Result<TimeRange> range_of(const Windows& windows);

}  // namespace sentinella::series
