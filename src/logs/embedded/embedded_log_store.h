// The embedded log store: an open block in memory, sealed compressed blocks in RocksDB (format:
// docs/formats/logs.md).
#pragma once

#include <filesystem>
#include <memory>

#include "logs/log_store.h"

namespace sentinella::logs {

struct EmbeddedLogOptions {
  std::filesystem::path directory;
};

Result<std::unique_ptr<LogStore>> open_embedded_log_store(EmbeddedLogOptions options);

}  // namespace sentinella::logs
