// Follows one log through everything that happens to log files: rename and create, copy and truncate,
// deletion, lines written in pieces. Reads; where it stops and starts again, and when, is up to
// log_follower.h.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/tail/file_identity.h"
#include "agent/tail/position_store.h"
#include "base/file.h"
#include "base/time.h"
#include "codec/log_framer.h"

namespace sentinella::agent {

/// An open file and how far it is read.
class OpenLog {
 public:
  using Sink = codec::LogFramer::Sink;

  /// Records that begin before `history_end` are handed over marked as history.
  OpenLog(FileDescriptor file, FileIdentity identity, std::uint64_t offset, Time now,
          std::uint64_t history_end = 0);

  /// Hands over at most `max_bytes` of new text; returns how many bytes there were. A file that was emptied
  /// is read again from its beginning.
  std::size_t read(std::size_t max_bytes, Time now, const Sink& sink);
  /// Records quiet since `older_than` are complete.
  void flush(Time older_than, const Sink& sink) { framer_->flush(older_than, marking(sink)); }
  /// Nothing will be added any more: the last line counts even without its end.
  void finish(Time now, const Sink& sink);
  bool has_open_record() const { return framer_->has_open(); }

  const FileIdentity& identity() const { return identity_; }
  std::uint64_t safe_offset() const { return std::max(start_, framer_->safe_offset()); }
  std::uint64_t unread_bytes() const;
  Time last_growth() const { return last_growth_; }
  /// Its writer may not have noticed yet: its time of silence begins now.
  void left_path(Time now) { last_growth_ = now; }
  int fd() const { return file_.get(); }

 private:
  Sink marking(const Sink& sink) const;
  void restart_if_emptied(const Sink& sink);
  void split_lines(std::string_view text, Time now, const Sink& sink);
  void line(std::string_view text, std::uint64_t end, Time now, const Sink& sink);

  FileDescriptor file_;
  FileIdentity identity_;
  std::uint64_t start_;
  std::uint64_t history_end_;
  std::uint64_t offset_;  ///< next byte to read from the file
  std::string partial_;   ///< the beginning of a line whose end is not there yet
  std::unique_ptr<codec::LogFramer> framer_;
  Time last_growth_;
};

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

  const std::string& path() const { return path_; }
  /// "" = the file is read. Else what is wrong and the command that mends it.
  const std::string& problem() const { return problem_; }
  bool exists() const { return exists_; }
  /// It is there and could not be opened so far: when it can be, its last lines are history.
  bool awaits_first_sight() const { return first_sight_; }
  std::vector<FilePosition> positions() const;
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
  void resume_rotated(const std::vector<FilePosition>& known, Time now);
  void close_drained(Time now, const Sink& sink);

  std::string path_;
  std::list<OpenLog> open_;   ///< the last one is at the path, those before are rotated away and drained
  bool at_path_ = false;      ///< the last one really is at the path
  bool first_sight_ = false;  ///< nothing is known of the path, and it could not be opened yet
  std::vector<FilePosition> unopened_;  ///< how far files were read that are not open now
  bool exists_ = false;
  std::string problem_;
};

/// Why `path` cannot be opened (an errno), and the command that lets the agent's user read it.
std::string explain_unreadable(const std::string& path, int error_number);

}  // namespace sentinella::agent
