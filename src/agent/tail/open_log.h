// A log file held open, whatever its name becomes, and how far it is read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/tail/file_identity.h"
#include "agent/tail/packed_log.h"
#include "base/file.h"
#include "base/time.h"
#include "codec/log_framer.h"

namespace sentinella::agent {

/// The last complete lines of a file, at most 32 KiB.
struct LastLines {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
LastLines last_lines(int fd);

/// nullopt: the system does not tell, which is not the same as empty.
std::optional<std::uint64_t> size_of(int fd);

/// Not thread-safe.
class OpenLog {
 public:
  using Sink = codec::LogFramer::Sink;

  /// Records that begin before `history_end` are handed over marked as history.
  OpenLog(FileDescriptor file, FileIdentity identity, std::uint64_t offset, Time now,
          std::uint64_t history_end = 0);

  /// The rest of one that was compressed.
  OpenLog(std::unique_ptr<PackedLog> packed, std::uint64_t offset, Time now);

  /// Hands over at most `max_bytes` of new text; returns how many bytes there were.
  std::size_t read(std::size_t max_bytes, Time now, const Sink& sink);
  /// Records quiet since `older_than` are complete.
  void flush(Time older_than, const Sink& sink) { framer_->flush(older_than, marking(sink)); }
  /// Nothing will be added any more: the last line counts even without its end.
  void finish(Time now, const Sink& sink);
  /// Whether the file was emptied since it was last read: it is shorter, or begins otherwise.
  bool emptied();
  /// Begins anew with a file that was emptied. `elsewhere`: what was still open of the old text is read from
  /// a copy; else it is complete.
  void restart(bool elsewhere, const Sink& sink);
  bool has_open_record() const { return framer_->has_open(); }

  const FileIdentity& identity() const { return identity_; }
  std::uint64_t safe_offset() const { return std::max(start_, framer_->safe_offset()); }
  std::uint64_t unread_bytes() const;
  bool untouched() const { return offset_ == 0; }  ///< nothing of it was read
  /// nullopt: the system does not tell, which is not the same as never.
  std::optional<Time> written() const;
  Time last_growth() const { return last_growth_; }
  /// Its writer may not have noticed yet: its time of silence begins now.
  void left_path(Time now) { last_growth_ = now; }
  int fd() const { return file_.get(); }

 private:
  Sink marking(const Sink& sink) const;
  void split_lines(std::string_view text, Time now, const Sink& sink);
  void line(std::string_view text, std::uint64_t end, Time now, const Sink& sink);

  std::size_t read_packed(std::size_t max_bytes, Time now, const Sink& sink);

  FileDescriptor file_;
  std::unique_ptr<PackedLog> packed_;  ///< instead of a file
  FileIdentity identity_;
  std::uint64_t start_;
  std::uint64_t history_end_;
  std::uint64_t offset_;  ///< next byte to read from the file
  std::string partial_;   ///< the beginning of a line whose end is not there yet
  std::unique_ptr<codec::LogFramer> framer_;
  Time last_growth_;
};

}  // namespace sentinella::agent
