// Batches on disk until the server has them. Two queues, metrics and logs (with state and events), each in
// segment files of its own; in order, bounded, safe against kill -9, power loss and a full disk.
//
// Directory: epoch.clean, {logs,metrics}.acked, {logs,metrics}-NNNNNNNN.seg, reserve. Segment: "SNTSPL01",
// u64 epoch, then records: u32 size, u32 CRC-32C of the payload; payload: varint sequence, text note, text
// body (base/bytes.h). A torn last record is cut off when the directory is opened.
//
// The epoch is random and new whenever the last close was not orderly, because then sequences that the server
// has seen may be missing here; segments keep the epoch they were written in. Sequences count from 1 without
// gaps.
//
// Acknowledged batches leave the disk once their positions are saved, which takes a little space: on a disk
// that the spool itself has filled there would be none, ever. `reserve` holds it until then.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/spool/queue.h"
#include "base/file.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "model/batch.h"

namespace sentinella::agent {

struct SpoolOptions {
  std::uint64_t max_bytes = 256u << 20;
  std::uint64_t segment_bytes = 1u << 20;
};

struct SpoolItem {
  SignalKind signal = SignalKind::logs;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::string body;
  std::string note;  ///< whatever the writer wants back at acknowledgement: log positions
};

struct SpoolStatistics {
  std::uint64_t bytes = 0;
  std::uint64_t waiting_logs = 0;  ///< batches
  std::uint64_t waiting_metrics = 0;
  std::uint64_t dropped_metrics = 0;  ///< batches, since the spool was opened
  std::uint64_t dropped_logs = 0;
};

/// Thread-safe.
class Spool {
 public:
  /// `before_forgetting` runs before acknowledged batches leave the disk; when it fails they stay. It must
  /// not call the spool. kConflict: another process has the directory. kIo, kCorrupt name the file.
  static Result<std::unique_ptr<Spool>> open(const std::filesystem::path& directory, SpoolOptions options,
                                             std::function<Result<void>()> before_forgetting);

  /// `durable`: on disk, synced, when this returns. Over the bound the oldest metrics go first, then the
  /// oldest logs. kNoSpace, also when that makes no room, kIo: nothing was appended.
  Result<void> append(SignalKind signal, std::string_view body, std::string_view note, bool durable);
  /// The oldest batch not acknowledged; nullopt = none.
  std::optional<SpoolItem> front(SignalKind signal);
  /// Forgets the front batch when it is this one (it may have been dropped meanwhile).
  void acknowledge(const SpoolItem& item);
  /// Logs fill their share: stop reading files.
  bool nearly_full() const;
  SpoolStatistics statistics() const;
  /// Notes of all log batches still on disk, oldest first; for the start.
  std::vector<SpoolNote> notes() const;
  /// Syncs and marks the spool as orderly closed. Nothing may follow.
  Result<void> close();

 private:
  Spool(std::filesystem::path directory, SpoolOptions options,
        std::function<Result<void>()> before_forgetting, FileDescriptor lock, SpoolQueue logs,
        SpoolQueue metrics);
  Result<void> choose_epoch();
  bool fits(std::size_t bytes) const SENT_REQUIRES(mutex_);
  bool make_room(std::size_t bytes) SENT_REQUIRES(mutex_);
  void forget(SpoolQueue& from) SENT_REQUIRES(mutex_);
  void hold_reserve() SENT_REQUIRES(mutex_);
  SpoolQueue& queue(SignalKind signal) { return signal == SignalKind::logs ? logs_ : metrics_; }

  const std::filesystem::path directory_;
  const SpoolOptions options_;
  const std::function<Result<void>()> before_forgetting_;
  const FileDescriptor lock_;
  mutable Mutex mutex_;
  SpoolQueue logs_ SENT_GUARDED_BY(mutex_);
  SpoolQueue metrics_ SENT_GUARDED_BY(mutex_);
  SpoolStatistics statistics_ SENT_GUARDED_BY(mutex_);
  std::uint64_t epoch_ = 0;
  bool reserved_ = false;  ///< with the lock held
};

}  // namespace sentinella::agent
