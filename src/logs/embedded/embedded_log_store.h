// The embedded log store: the newest records in memory, sealed blocks of columns in RocksDB (format:
// docs/formats/logs.md).
#pragma once

#include <filesystem>
#include <memory>

#include "logs/log_store.h"

namespace sentinella::logs {

struct EmbeddedLogOptions {
  std::filesystem::path directory;
  std::size_t block_bytes = 16u << 20;  ///< of raw text; a block is sealed when it has them
  std::size_t cache_bytes = 96u << 20;  ///< of decoded blocks, kept for the next search
  int seal_level = 3;                   ///< zstd, when a block is sealed
  int rest_level = 19;                  ///< zstd, when there is time; not above seal_level = never
};

Result<std::unique_ptr<LogStore>> open_embedded_log_store(EmbeddedLogOptions options);

}  // namespace sentinella::logs
