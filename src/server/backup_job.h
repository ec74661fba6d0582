// The one backup that may run at a time, on a thread of its own, and what became of the last one.
#pragma once

#include <filesystem>
#include <functional>
#include <thread>

#include "api/backup_state.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "server/backup.h"

namespace sentinella::server {

/// Thread-safe.
class BackupJob {
 public:
  using Work = std::function<Result<BackupReport>(const std::filesystem::path&, const BackupProgress&)>;

  BackupJob(const Clock& clock, Work work) : clock_(clock), work_(std::move(work)) {}
  ~BackupJob();  ///< waits for one that runs

  /// Returns at once. kInvalid: the path is not absolute; kConflict: one runs already.
  Result<void> start(const std::filesystem::path& directory);
  api::BackupState state() const;

 private:
  void run(const std::filesystem::path& directory);

  const Clock& clock_;
  const Work work_;
  mutable Mutex mutex_;
  api::BackupState state_ SENT_GUARDED_BY(mutex_);
  std::thread thread_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::server
