// Batches that the server refused for good, kept aside for whoever looks into it: files in DIRECTORY, the
// newest 16.
#pragma once

#include <filesystem>

#include "agent/spool/spool.h"

namespace sentinella::agent {

/// Writes EPOCH-SEQUENCE.{logs,metrics}.otlp.zst, and the reason beside it as .txt.
Result<void> keep_dead_letter(const std::filesystem::path& directory, const SpoolItem& item,
                              std::string_view reason);

}  // namespace sentinella::agent
