// The embedded series store: a head in memory, sealed chunks in RocksDB (format: docs/formats/series.md).
#pragma once

#include <filesystem>
#include <memory>

#include "series/series_store.h"

namespace sentinella::series {

struct EmbeddedSeriesOptions {
  std::filesystem::path directory;
  std::size_t max_series_per_account = 1'000'000;
};

/// kCorrupt, kIo, kUnsupported (a newer format version) with the path and what to do.
Result<std::unique_ptr<SeriesStore>> open_embedded_series_store(EmbeddedSeriesOptions options);

}  // namespace sentinella::series
