#include "server/backup_job.h"

#include "base/log.h"

namespace sentinella::server {

BackupJob::~BackupJob() {
  std::thread last;
  {
    Lock lock(mutex_);
    last = std::move(thread_);
  }
  if (last.joinable()) last.join();
}

Result<void> BackupJob::start(const std::filesystem::path& directory) {
  if (!directory.is_absolute())
    return fail_field(Errc::kInvalid, "directory", "\"{}\" must be an absolute path on the server's machine",
                      directory.string());
  Lock lock(mutex_);
  if (state_.phase == api::BackupState::Phase::running)
    return fail(Errc::kConflict, "a backup to {} is being taken", state_.directory);
  if (thread_.joinable()) thread_.join();
  state_ = {.phase = api::BackupState::Phase::running,
            .directory = directory.string(),
            .part = "",
            .started = clock_.now()};
  thread_ = std::thread([this, directory] { run(directory); });
  return {};
}

api::BackupState BackupJob::state() const {
  Lock lock(mutex_);
  return state_;
}

void BackupJob::run(const std::filesystem::path& directory) {
  const auto done = work_(directory, [this](std::string_view part) {
    Lock lock(mutex_);
    state_.part = part;
  });
  if (done)
    log::info("server", "backed up to {}: {} bytes, up to journal record {}", directory.string(), done->bytes,
              done->journal_offset);
  else
    log::error("server", "no backup in {}: {}", directory.string(), describe(done.error()));
  Lock lock(mutex_);
  state_.finished = clock_.now();
  state_.phase = done ? api::BackupState::Phase::done : api::BackupState::Phase::failed;
  if (done) {
    state_.journal_offset = done->journal_offset;
    state_.bytes = done->bytes;
  } else {
    state_.error = describe(done.error());
  }
}

}  // namespace sentinella::server
