// Lines -> records: joins what belongs together (prefixed and bare tracebacks, messages with newlines), keyed
// by (pid, logger) because workers of one service share a file. One framer per file; runs in the agent.
//
// A record begins at a line whose time grammar matches fully, at an access line, or at a message of uWSGI's
// own. It goes on with untimed lines, with oslo.log's prefixed traceback lines (same time, pid and logger,
// ERROR, no context bracket), and with RabbitMQ's repetitions of one head. Access lines take nothing; untimed
// records take only what a Python traceback consists of. A record ends when its process logs at another time,
// or by flush(): call it some 200 ms behind the clock. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"

namespace sentinella::codec {

struct FramedRecord {
  std::string text;                ///< the lines as read, joined by '\n', without the last newline
  std::uint64_t begin_offset = 0;  ///< file position of its first byte
  /// First position after its last line; positions between may belong to others.
  std::uint64_t end_offset = 0;
  bool truncated = false;
  bool history = false;  ///< set by the reader of the file: it was there before the watch began
};

class LogFramer {
 public:
  using Sink = std::function<void(FramedRecord)>;

  explicit LogFramer(std::size_t max_record_bytes = 1u << 20);
  ~LogFramer();
  LogFramer(LogFramer&&) noexcept;

  /// `line` without its newline; `offset` its file position, `end` the position after the newline. Hands
  /// finished records to `sink`.
  void line(std::string_view line, std::uint64_t offset, std::uint64_t end, Time now, const Sink& sink);
  /// Records whose last line came before `older_than` are finished.
  void flush(Time older_than, const Sink& sink);
  bool has_open() const;
  /// All bytes before this position belong to records already handed out: safe to resume from.
  std::uint64_t safe_offset() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::codec
