#include "server/backup.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/file.h"
#include "base/file_copy.h"
#include "base/json.h"
#include "bus/embedded/segment_journal.h"
#include "server/version.h"

namespace sentinella::server {
namespace {

namespace fs = std::filesystem;

constexpr int kFormatVersion = 1;
constexpr std::string_view kManifest = "backup.json";
constexpr std::string_view kRestoring = "restoring";
constexpr std::size_t kMaxManifestBytes = 64u << 20;
/// In a data directory; whatever else is there is made anew or is not the server's.
constexpr std::array<std::string_view, 4> kDirectories{"journal", "series", "logs", "events"};
constexpr std::array<std::string_view, 4> kSmallFiles{"bootstrap.json", "tls/certificate.pem", "tls/key.pem",
                                                      "telemetry/state"};
constexpr std::string_view kDeadLetters = "telemetry/dead_letters";  // only where a bus was listened at

struct File {
  std::string path;  ///< within the backup
  std::uint64_t bytes = 0;
};

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Result<bool> has_nothing(const fs::path& directory) {
  std::error_code error;
  const bool empty = fs::is_empty(directory, error);
  if (error) return fail(Errc::kIo, "cannot look into {}: {}", directory.string(), error.message());
  return empty;
}

/// An empty directory that only we can read: there are secrets in it.
Result<void> make_empty(const fs::path& directory) {
  if (!is_there(directory)) return make_directories(directory, 0700);
  SENT_TRY_ASSIGN(const bool empty, has_nothing(directory));
  if (!empty) return fail_field(Errc::kConflict, "directory", "{} is not empty", directory.string());
  std::error_code error;
  fs::permissions(directory, fs::perms::owner_all, error);
  if (error) return fail(Errc::kIo, "cannot keep others out of {}: {}", directory.string(), error.message());
  return {};
}

/// Every file below `root`, by path.
Result<std::vector<File>> list_files(const fs::path& root) {
  std::vector<File> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error))
    if (at->is_regular_file(error) && !error)
      files.push_back({at->path().lexically_relative(root).string(), at->file_size(error)});
  if (error) return fail(Errc::kIo, "cannot list {}: {}", root.string(), error.message());
  std::ranges::sort(files, {}, &File::path);
  return files;
}

Result<void> copy_if_there(const fs::path& from, const fs::path& to) {
  if (!is_there(from)) return {};
  SENT_TRY(make_directories(to.parent_path(), 0700));
  SENT_TRY(copy_durably(from, to));
  return sync_directory(to.parent_path());
}

/// Makes the backup whole.
Result<BackupReport> finish(const fs::path& directory, bus::Offset offset, Time now) {
  SENT_TRY_ASSIGN(const auto files, list_files(directory));
  BackupReport report{offset, 0};
  JsonWriter json;
  json.object().field("format", kFormatVersion).field("version", kVersion).field("taken", now);
  json.field("journal_offset", offset).key("files").array();
  for (const File& file : files) {
    json.object().field("path", file.path).field("bytes", file.bytes).end();
    report.bytes += file.bytes;
  }
  json.end().end();
  SENT_TRY(sync_directory(directory));
  SENT_TRY(write_file_atomic(directory / kManifest, json.take(), 0600));
  return report;
}

struct Manifest {
  bus::Offset journal_offset = 0;
  std::vector<File> files;
};

Result<std::uint64_t> number(const boost::json::object& object, std::string_view name) {
  SENT_TRY_ASSIGN(const auto value, optional_number(object, name));
  if (!value || *value < 0 || *value > 1e18) return fail_field(Errc::kCorrupt, name, "is not a size");
  return static_cast<std::uint64_t>(*value);
}

/// Nothing outside the backup is read, and nothing outside the data directory written.
bool stays_inside(const fs::path& path) {
  return path.is_relative() && !path.empty() &&
         std::ranges::none_of(path, [](const fs::path& part) { return part == ".." || part == "."; });
}

Result<Manifest> parse_manifest(std::string_view text) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(text));
  SENT_TRY_ASSIGN(const auto format, number(object, "format"));
  if (format != kFormatVersion)
    return fail_field(Errc::kUnsupported, "format", "is {}, this program knows {}: run the newer program",
                      format, kFormatVersion);
  Manifest manifest;
  SENT_TRY_ASSIGN(manifest.journal_offset, number(object, "journal_offset"));
  const auto* files = object.if_contains("files");
  if (files == nullptr || !files->is_array()) return fail_field(Errc::kCorrupt, "files", "is no list");
  for (const auto& one : files->get_array()) {
    if (!one.is_object()) return fail_field(Errc::kCorrupt, "files", "has something in it that is no file");
    File file;
    SENT_TRY_ASSIGN(file.path, required_string(one.get_object(), "path"));
    SENT_TRY_ASSIGN(file.bytes, number(one.get_object(), "bytes"));
    if (!stays_inside(file.path))
      return fail_field(Errc::kCorrupt, "files", "\"{}\" is no path within a backup", file.path);
    manifest.files.push_back(std::move(file));
  }
  return manifest;
}

Result<Manifest> read_manifest(const fs::path& backup) {
  const auto file = backup / kManifest;
  const auto text = read_file(file, kMaxManifestBytes);
  if (!text && text.error().code == Errc::kNotFound)
    return fail(is_there(backup) ? Errc::kCorrupt : Errc::kNotFound,
                "there is no {}: {} is no backup, or one that was broken off", file.string(),
                backup.string());
  if (!text) return std::unexpected(text.error());
  auto manifest = parse_manifest(*text);
  if (!manifest) manifest.error().message = file.string() + ": " + manifest.error().message;
  return manifest;
}

Result<void> check_sizes(const fs::path& backup, const Manifest& manifest) {
  for (const File& file : manifest.files) {
    std::error_code error;
    const auto bytes = fs::file_size(backup / file.path, error);
    if (error) return fail(Errc::kCorrupt, "{}: {}", (backup / file.path).string(), error.message());
    if (bytes != file.bytes)
      return fail(Errc::kCorrupt, "{} has {} bytes, and had {} when the backup was taken",
                  (backup / file.path).string(), bytes, file.bytes);
  }
  return {};
}

/// Sealed files of RocksDB never change.
Result<void> copy_or_link(const fs::path& from, const fs::path& to) {
  const auto kind = from.extension();
  return kind == ".sst" || kind == ".blob" ? link_or_copy(from, to) : copy_durably(from, to);
}

bool is_made_anew(const fs::path& file) {
  const auto name = file.filename().string();
  return name == "LOCK" || name == "lock" || name.starts_with("LOG");
}

Result<void> copy_tree(const fs::path& from, const fs::path& to) {
  SENT_TRY(make_directories(to, 0750));
  SENT_TRY_ASSIGN(const auto files, list_files(from));
  for (const File& file : files) {
    if (is_made_anew(file.path)) continue;
    SENT_TRY(make_directories((to / file.path).parent_path(), 0750));
    SENT_TRY(copy_or_link(from / file.path, to / file.path));
  }
  return sync_directory(to);
}

}  // namespace

/// First what must not be ahead of others: the table of known batches is behind everyone, the rules' state is
/// not ahead of the events that follow from it, and nobody is ahead of the journal.
Result<BackupReport> take_backup(const BackupSources& sources, const fs::path& directory, Time now,
                                 const BackupProgress& progress) {
  SENT_TRY(make_empty(directory));
  progress("settings");
  SENT_TRY(copy_if_there(sources.data_dir / "watermarks", directory / "watermarks"));
  for (const auto name : kSmallFiles) SENT_TRY(copy_if_there(sources.data_dir / name, directory / name));
  progress("catalogue");
  SENT_TRY(sources.database.copy_to(directory / "catalog.db"));
  progress("metrics");
  SENT_TRY(sources.series.copy_to(directory / "series"));
  progress("logs");
  SENT_TRY(sources.logs.copy_to(directory / "logs"));
  progress("events");
  SENT_TRY(sources.events.copy_to(directory / "events"));
  if (sources.dead_letters != nullptr) {
    progress("dead letters");
    SENT_TRY(make_directories(directory / "telemetry", 0700));
    SENT_TRY(sources.dead_letters->copy_to(directory / kDeadLetters));
  }
  progress("journal");
  SENT_TRY_ASSIGN(const bus::Offset offset, sources.journal.copy_to(directory / "journal"));
  return finish(directory, offset, now);
}

Result<BackupReport> copy_stopped(const fs::path& data_dir, const fs::path& directory, Time now) {
  if (!is_there(data_dir / "catalog.db"))
    return fail(Errc::kNotFound, "{} is no data directory of a server", data_dir.string());
  SENT_TRY_ASSIGN(const auto nobody_else, bus::lock_journal(data_dir / "journal"));
  SENT_TRY(check_restored(data_dir));
  SENT_TRY(make_empty(directory));
  for (const auto name : kDirectories) SENT_TRY(copy_tree(data_dir / name, directory / name));
  if (is_there(data_dir / kDeadLetters))
    SENT_TRY(copy_tree(data_dir / kDeadLetters, directory / kDeadLetters));
  for (const auto name : {"watermarks", "catalog.db", "catalog.db-wal"})
    SENT_TRY(copy_if_there(data_dir / name, directory / name));
  for (const auto name : kSmallFiles) SENT_TRY(copy_if_there(data_dir / name, directory / name));
  return finish(directory, 0, now);
}

Result<BackupReport> restore_backup(const fs::path& backup, const fs::path& data_dir) {
  SENT_TRY_ASSIGN(const Manifest manifest, read_manifest(backup));
  SENT_TRY(check_sizes(backup, manifest));
  if (is_there(data_dir)) {
    SENT_TRY_ASSIGN(const bool empty, has_nothing(data_dir));
    if (!empty)
      return fail(Errc::kConflict, "{} is not empty, and nothing is overwritten: move it away first",
                  data_dir.string());
  }
  SENT_TRY(make_directories(data_dir, 0700));
  SENT_TRY(write_file_atomic(data_dir / kRestoring, backup.string() + "\n", 0600));
  BackupReport report{manifest.journal_offset, 0};
  for (const File& file : manifest.files) {
    const auto target = data_dir / file.path;
    SENT_TRY(make_directories(target.parent_path(), 0750));
    SENT_TRY(copy_durably(backup / file.path, target));
    report.bytes += file.bytes;
  }
  for (const auto name : kDirectories) SENT_TRY(sync_directory(data_dir / name));
  if (is_there(data_dir / kDeadLetters)) SENT_TRY(sync_directory(data_dir / kDeadLetters));
  std::error_code error;
  if (!fs::remove(data_dir / kRestoring, error))
    return fail(Errc::kIo, "cannot remove {}: {}", (data_dir / kRestoring).string(), error.message());
  SENT_TRY(sync_directory(data_dir));
  return report;
}

Result<void> check_restored(const fs::path& data_dir) {
  if (!is_there(data_dir / kRestoring)) return {};
  return fail(Errc::kCorrupt, "a restore was broken off in {}: empty the directory and restore again",
              data_dir.string());
}

}  // namespace sentinella::server
