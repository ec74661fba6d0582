// Records of a file for the agent: what record_joiner.h makes of its lines, as texts of their own. One framer
// per file; not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "codec/record_joiner.h"

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

  explicit LogFramer(std::size_t max_record_bytes = 1u << 20) : joiner_(max_record_bytes) {}

  /// As RecordJoiner's.
  void line(std::string_view line, std::uint64_t offset, std::uint64_t end, Time now, const Sink& sink) {
    joiner_.line(line, offset, end, now, owning(sink));
  }
  void flush(Time older_than, const Sink& sink) { joiner_.flush(older_than, owning(sink)); }
  bool has_open() const { return joiner_.has_open(); }
  std::uint64_t safe_offset() const { return joiner_.safe_offset(); }

 private:
  static RecordJoiner::Sink owning(const Sink& sink) {
    return [&sink](const JoinedRecord& record) {
      sink({std::string(record.text), record.begin_offset, record.end_offset, record.truncated});
    };
  }

  RecordJoiner joiner_;
};

}  // namespace sentinella::codec
