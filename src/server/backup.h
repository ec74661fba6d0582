// Backups: everything the server keeps, in a directory that becomes a data directory again.
//
// A backup holds what a data directory holds, and backup.json, which is written last: without it the backup
// is not whole. The stores in it are copies of one moment each, none further than the journal beside them; a
// server that starts there replays the journal's rest, as after a crash, and so gets to the state of the
// journal's last record.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "bus/journal.h"
#include "catalog/database.h"
#include "events/event_store.h"
#include "logs/log_store.h"
#include "series/series_store.h"
#include "telemetry/dead_letters.h"

namespace sentinella::server {

struct BackupSources {
  std::filesystem::path data_dir;
  const bus::Journal& journal;
  const series::SeriesStore& series;
  const logs::LogStore& logs;
  const events::EventStore& events;
  const catalog::Database& database;
  const telemetry::DeadLetters* dead_letters = nullptr;  ///< nullptr = no message bus is listened at
};

struct BackupReport {
  bus::Offset journal_offset = 0;  ///< the last record that is in it; 0: not known, of a stopped server
  std::uint64_t bytes = 0;
};

/// Told what is copied next: "catalogue", "metrics", ...
using BackupProgress = std::function<void(std::string_view part)>;

/// Of a server that runs; intake goes on meanwhile, checkpoints must not. `directory` is absolute and empty,
/// or made in one that is there. Files that never change become second names where the file system can do
/// that. kConflict: the directory has something in it. kNoSpace, kIo: what was copied stays, without
/// backup.json.
Result<BackupReport> take_backup(const BackupSources& sources, const std::filesystem::path& directory,
                                 Time now, const BackupProgress& progress);

/// Of a data directory that no server uses. kConflict: one does, or `directory` has something in it.
Result<BackupReport> copy_stopped(const std::filesystem::path& data_dir,
                                  const std::filesystem::path& directory, Time now);

/// Copies a backup to `data_dir`, which must be empty or not be there. kConflict: it is not empty. kCorrupt:
/// the backup is not whole. kUnsupported: of a newer program.
Result<BackupReport> restore_backup(const std::filesystem::path& backup,
                                    const std::filesystem::path& data_dir);

/// kCorrupt: a restore was broken off in this data directory.
Result<void> check_restored(const std::filesystem::path& data_dir);

}  // namespace sentinella::server
