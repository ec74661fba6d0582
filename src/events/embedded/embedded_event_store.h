// Events in RocksDB, keyed by account and time (format: docs/formats/events.md).
#pragma once

#include <filesystem>
#include <memory>

#include "events/event_store.h"

namespace sentinella::events {

struct EmbeddedEventOptions {
  std::filesystem::path directory;
};

Result<std::unique_ptr<EventStore>> open_embedded_event_store(EmbeddedEventOptions options);

}  // namespace sentinella::events
