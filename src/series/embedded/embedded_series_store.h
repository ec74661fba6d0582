// The embedded series store: the newest samples in memory, packed; sealed chunks and labels in RocksDB; a
// snapshot of the memory now and then (formats: docs/formats/series.md).
#pragma once

#include <filesystem>
#include <memory>

#include "series/series_store.h"

namespace sentinella::series {

struct EmbeddedSeriesOptions {
  std::filesystem::path directory;
  std::size_t max_series_per_account = 5'000'000;
  /// Above, the open streams of series are sealed before they are full.
  std::size_t max_head_bytes = 512u << 20;
  /// Samples that are older than the newest of their series by more are dropped; 0 = none are.
  Duration late_window{};
};

/// kCorrupt, kIo, kUnsupported (another format version) with the path and what to do.
Result<std::unique_ptr<SeriesStore>> open_embedded_series_store(EmbeddedSeriesOptions options);

}  // namespace sentinella::series
