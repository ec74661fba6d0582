// A log's text -> columns: lines, joined to records, parsed. What the bench measures and an import uses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/log_parser.h"
#include "codec/record_joiner.h"

namespace sentinella::codec {

/// One per file. Not thread-safe.
class LogReader {
 public:
  static constexpr std::size_t kMaxRecord = 32u << 20;
  /// Columns with more text than this are full.
  static constexpr std::size_t kFull = 256u << 20;

  explicit LogReader(LogParser::Options options = {}, std::size_t max_record_bytes = kMaxRecord)
      : parser_(std::move(options)), joiner_(max_record_bytes) {}

  /// Reads whole lines off the beginning of `text`, adds the records that they complete to `out`, and tells
  /// how many bytes it took: the rest is to be given again with what follows it. Stops when `out` is full.
  std::size_t read(std::string_view text, const LogParser::Given& given, LogColumns& out);
  /// No more will come: what is open ends. A last line without newline is `rest`. False when `out` was full:
  /// call again with other columns and no rest.
  bool finish(std::string_view rest, const LogParser::Given& given, LogColumns& out);

  const LogFormatCounts& counts() const { return parser_.counts(); }

 private:
  RecordJoiner::Sink parsing_into(const LogParser::Given& given, LogColumns& out);
  bool add_waiting(const LogParser::Given& given, LogColumns& out);

  LogParser parser_;
  RecordJoiner joiner_;
  std::uint64_t offset_ = 0;
  std::vector<std::string> waiting_;  ///< complete, but there was no room
};

}  // namespace sentinella::codec
