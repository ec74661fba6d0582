// The journal as segment files of our own (format: docs/formats/journal.md), group-committed with fdatasync.
#pragma once

#include <filesystem>
#include <memory>

#include "base/file.h"
#include "base/time.h"
#include "bus/journal.h"

namespace sentinella::bus {

struct SegmentJournalOptions {
  std::filesystem::path directory;
  Duration linger = std::chrono::milliseconds(2);  ///< how long a commit waits for company
  /// 0: every commit is on disk before it is answered. Else what was answered is on disk this much later: it
  /// survives the death of the process, and a power failure takes the last moment.
  Duration sync_interval = Duration::zero();
  std::uint64_t segment_bytes = 64ull << 20;
  std::uint64_t max_bytes = 4ull << 30;      ///< appends are refused with kNoSpace above
  std::size_t max_queued_bytes = 64u << 20;  ///< waiting for the disk; above: kUnavailable
};

/// Cuts a torn tail, verifies the last segment. kCorrupt, kIo, kForbidden with the path.
Result<std::unique_ptr<Journal>> open_segment_journal(SegmentJournalOptions options);

/// Keeps every other process from opening the journal, as long as it is held. kConflict: one has it open.
Result<FileDescriptor> lock_journal(const std::filesystem::path& directory);

}  // namespace sentinella::bus
