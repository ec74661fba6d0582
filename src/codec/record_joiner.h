// Lines -> records: joins what belongs together (prefixed and bare tracebacks, messages with newlines), keyed
// by (pid, logger) because workers of one service share a file. One joiner per file.
//
// A record begins at a line whose time grammar matches fully, at an access line, at a JSON object, at pairs
// with time and level, at `LEVEL:logger:`, or at a message of uWSGI's own. It goes on with untimed lines,
// with oslo.log's prefixed traceback lines (same time, pid and logger, ERROR, no context bracket), and with
// RabbitMQ's repetitions of one head. Access lines take nothing but empty lines; untimed records take only
// what a Python traceback consists of. A record ends when its process logs at another time, when others of
// the file are a second on, or by flush(): call it some 200 ms behind the clock. Records are handed out in
// the order in which they began.
//
// No byte is lost: the texts of the records, each line at its place, are the file. Only what exceeds the size
// limit is cut out of a record's middle, and then it says so.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "codec/log_line.h"

namespace sentinella::codec {

/// Views, for as long as the call lasts that hands it over.
struct JoinedRecord {
  std::string_view text;           ///< the lines as read, joined by '\n', without the last newline
  std::uint64_t begin_offset = 0;  ///< file position of its first byte
  /// First position after its last line; positions between may belong to others.
  std::uint64_t end_offset = 0;
  bool truncated = false;
  // What the first line was seen to begin with, as far as that was looked for, and when nothing is cut.
  const OsloHead* oslo = nullptr;
  const WrittenTime* time = nullptr;  ///< as scan_iso_time reads it
  bool one_line = false;              ///< certainly no newline in it
};

/// Not thread-safe.
class RecordJoiner {
 public:
  using Sink = std::function<void(const JoinedRecord&)>;

  explicit RecordJoiner(std::size_t max_record_bytes);
  ~RecordJoiner();
  RecordJoiner(RecordJoiner&&) noexcept;

  /// `line` without its newline; `offset` its file position, `end` the position after the newline. Hands
  /// finished records to `sink`.
  void line(std::string_view line, std::uint64_t offset, std::uint64_t end, Time now, const Sink& sink) {
    borrowed_line(line, offset, end, now, sink);
    keep();
  }
  /// The same for a line that stays where it is until keep(), in a text that was split at its newlines: most
  /// records need no copy then.
  void borrowed_line(std::string_view line, std::uint64_t offset, std::uint64_t end, Time now,
                     const Sink& sink);
  void keep();
  /// Records whose last line came before `older_than` are finished.
  void flush(Time older_than, const Sink& sink);
  bool has_open() const { return count_ > 0; }
  /// All bytes before this position belong to records already handed out: safe to resume from. Also right
  /// inside a sink, where it counts the record that is being handed out.
  std::uint64_t safe_offset() const;

 private:
  struct OpenRecord;
  /// More writers than this in one file and the one that began first is taken as finished.
  static constexpr std::size_t kMaxOpen = 128;
  static constexpr std::size_t kBuckets = 128;
  struct Line {
    std::string_view text;
    std::uint64_t offset, end;
    Time now;
  };

  OpenRecord& at(std::size_t age) const { return *ring_[(first_ + age) % kMaxOpen]; }
  OpenRecord& begin(LineStart start, const Line& line, const Sink& sink);
  void append(OpenRecord& record, const Line& line);
  void close(OpenRecord& record);
  void hand_out(const Sink& sink);

  void place(const Line& line, const Sink& sink);
  void oslo_line(const OsloHead& head, const Line& line, const Sink& sink);
  void rabbit_line(const WrittenTime& time, std::string_view head, const Line& line, const Sink& sink);
  void untimed_line(std::string_view bare, const Line& line, const Sink& sink);
  void other_line(LineStart start, const WrittenTime& time, const Line& line, const Sink& sink);
  bool goes_on(const Line& line);
  OpenRecord* continued_by(const OsloHead& head) const;
  void close_before(const OsloHead& head);
  void close_other();

  std::size_t max_bytes_;
  std::array<std::unique_ptr<OpenRecord>, kMaxOpen> ring_;  ///< open or waiting for an older one, by begin
  std::size_t first_ = 0, count_ = 0;
  std::size_t borrowed_ = 0;                        ///< so many of the last that began may be borrowed
  std::vector<std::unique_ptr<OpenRecord>> spare_;  ///< to be used again
  std::array<OpenRecord*, kBuckets> by_pid_{};      ///< open records of oslo, chained
  OpenRecord* other_ = nullptr;                     ///< the open record of another format
  OpenRecord* current_ = nullptr;                   ///< the one that got the last line, if it is open
  std::uint64_t read_to_ = 0;
};

}  // namespace sentinella::codec
