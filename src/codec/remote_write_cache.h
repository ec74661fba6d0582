// What series of Prometheus' remote write resolved to before: their labels as raw bytes of the message -> id.
#pragma once

#include <cstdint>

#include "codec/series_key.h"
#include "model/sample_block.h"

namespace sentinella::codec {

/// Not thread-safe; for any number of accounts. Forgets everything when it has grown to its bound.
class RemoteWriteCache {
 public:
  static constexpr std::size_t kMaxSeries = 2'000'000;

  /// Call before use: what was learnt under another epoch of the store is forgotten.
  void begin(std::uint64_t epoch) {
    if (epoch != epoch_) ids_.clear();
    epoch_ = epoch;
  }
  ResolvedSeries* find(const SeriesKey& key) { return ids_.find(key); }
  void remember(const SeriesKey& key, const ResolvedSeries& series) {
    if (ids_.size() >= kMaxSeries) ids_.clear();
    ids_[key] = series;
  }

 private:
  SeriesKeyTable<ResolvedSeries> ids_;
  std::uint64_t epoch_ = 0;
};

}  // namespace sentinella::codec
