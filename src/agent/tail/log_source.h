// Follows one log through everything that happens to log files: rename and create, copy and truncate,
// deletion, lines written in pieces. Reads; where it stops and starts again, and when, is up to
// log_follower.h.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/tail/file_identity.h"
#include "agent/tail/open_log.h"
#include "agent/tail/packed_log.h"
#include "agent/tail/position_store.h"
#include "agent/tail/rotated_files.h"
#include "base/time.h"

namespace sentinella::agent {

/// Not thread-safe.
class LogSource {
 public:
  using Sink = OpenLog::Sink;

  explicit LogSource(std::string path) : path_(std::move(path)) {}

  /// Goes on where `table` says; of a file never seen before the last lines (at most 32 KiB) are
  /// handed over as history, so that an alert of the first minute has something to show.
  void start(const PositionTable& table, Time now);
  /// Looks at the path: another file there, one at last, none any more, not allowed.
  void check(Time now, const Sink& sink);
  /// Reads at most `max_bytes` in all; returns how many.
  std::size_t read(std::size_t max_bytes, Time now, const Sink& sink);
  void flush(Time older_than, const Sink& sink);
  bool has_open_record() const;
  /// Whether this file is open, at the path or rotated away.
  bool holds(std::uint64_t device, std::uint64_t inode) const;

  const std::string& path() const { return path_; }
  /// "" = the file is read. Else what is wrong and the command that mends it.
  const std::string& problem() const { return problem_; }
  bool exists() const { return exists_; }
  /// It is there and could not be opened so far: when it can be, its last lines are history.
  bool awaits_first_sight() const { return first_sight_; }
  std::vector<FilePosition> positions() const;
  /// With the last ones of files that were closed since the last call: what they ended with travels with
  /// them.
  std::vector<FilePosition> take_positions();
  std::uint64_t unread_bytes() const;
  /// The file at the path, -1 = none; for inotify.
  const FileIdentity* current() const { return open_.empty() ? nullptr : &open_.back().identity(); }
  int current_fd() const { return open_.empty() ? -1 : open_.back().fd(); }

 private:
  void open_path(Time now);
  void leave_path(Time now);
  /// Whether `there`, the file at the path (the head does not matter), is open; it is then the last one.
  bool hold_at_path(const FileIdentity& there, Time now);
  /// How far this file was read earlier; forgets it.
  std::optional<std::uint64_t> take_unopened(int fd, const FileIdentity& identity);
  void remember(const OpenLog& log);
  /// What the log became while nobody looked: rotated files not read to their end, the copy of one that was
  /// emptied, and those that were begun and rotated away since.
  /// Returns until when the log is known.
  std::optional<Time> open_rotated(Time now);
  void open_packed(std::optional<Time> known_until, Time now);
  std::vector<FilePosition> vanished(const std::vector<RotatedFile>& files) const;
  /// Opens the rest of `file` when it was read in part.
  void resume(const RotatedFile& file, Time now);
  void open_rest(FileDescriptor file, const FileIdentity& identity, std::uint64_t offset, Time now);
  bool is_known(std::uint64_t device, std::uint64_t inode) const;
  std::optional<Time> newest_known(const std::vector<RotatedFile>& files) const;
  struct Copy {
    Time written;
    bool opened = false;  ///< it has text that was not read
  };
  /// The file that `emptied` was copied to before, opened from the position on.
  std::optional<Copy> open_copy(const FilePosition& emptied, const std::vector<RotatedFile>& files, Time now);
  void open_younger(const std::vector<RotatedFile>& files, Time than, Time now);
  void restart_emptied(Time now, const Sink& sink);
  void close_drained(Time now, const Sink& sink);

  std::string path_;
  std::list<OpenLog> open_;   ///< the last one is at the path, those before are rotated away and drained
  bool at_path_ = false;      ///< the last one really is at the path
  bool first_sight_ = false;  ///< nothing is known of the path, and it could not be opened yet
  std::vector<FilePosition> unopened_;  ///< how far files were read that are not open now
  std::vector<FilePosition> ended_;     ///< of files closed since take_positions()
  std::optional<Time> saved_;           ///< when the positions that reading began with were
  bool exists_ = false;
  std::string problem_;
};

/// Why `path` cannot be opened (an errno), and the command that lets the agent's user read it.
std::string explain_unreadable(const std::string& path, int error_number);

}  // namespace sentinella::agent
