#include "codec/log_reader.h"

#include <cstring>

namespace sentinella::codec {

RecordJoiner::Sink LogReader::parsing_into(const LogParser::Given& given, LogColumns& out) {
  return [this, &given, &out](const JoinedRecord& record) {
    LogParser::Given all = given;
    all.oslo = record.oslo;
    all.time = record.time;
    all.one_line = record.one_line;
    if (record.truncated) all.flags |= LogRecord::kTruncated;
    if (!waiting_.empty() || !parser_.parse(record.text, all, out)) waiting_.emplace_back(record.text);
  };
}

bool LogReader::add_waiting(const LogParser::Given& given, LogColumns& out) {
  std::size_t added = 0;
  while (added < waiting_.size() && parser_.parse(waiting_[added], given, out)) ++added;
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(added));
  return waiting_.empty();
}

std::size_t LogReader::read(std::string_view text, const LogParser::Given& given, LogColumns& out) {
  if (!add_waiting(given, out)) return 0;
  const RecordJoiner::Sink sink = parsing_into(given, out);
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end && waiting_.empty() && out.bytes.size() < kFull) {
    const char* const newline =
        static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (newline == nullptr) break;
    const auto length = static_cast<std::size_t>(newline - at);
    joiner_.borrowed_line({at, length}, offset_, offset_ + length + 1, given.read, sink);
    offset_ += length + 1;
    at = newline + 1;
  }
  joiner_.keep();
  return static_cast<std::size_t>(at - text.data());
}

bool LogReader::finish(std::string_view rest, const LogParser::Given& given, LogColumns& out) {
  if (!add_waiting(given, out)) return false;
  const RecordJoiner::Sink sink = parsing_into(given, out);
  if (!rest.empty()) joiner_.line(rest, offset_, offset_ + rest.size(), given.read, sink);
  offset_ += rest.size();
  joiner_.flush(Time{INT64_MAX}, sink);
  return waiting_.empty();
}

}  // namespace sentinella::codec
