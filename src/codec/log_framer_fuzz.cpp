// Any bytes as lines of a file: every record ends within what was read, no byte is lost, and nothing is left
// open after a flush.
#include "codec/log_framer.h"
#include "codec/log_scan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const std::size_t limit : {std::size_t{256}, std::size_t{1} << 24}) {
    codec::LogFramer framer(limit);
    std::uint64_t offset = 0, framed = 0, last_begin = 0;
    const auto sink = [&](const codec::FramedRecord& record) {
      if (record.begin_offset >= record.end_offset || record.end_offset > offset) __builtin_trap();
      if (framed > 0 && record.begin_offset <= last_begin) __builtin_trap();
      if (record.text.size() > limit * 2) __builtin_trap();
      last_begin = record.begin_offset;
      framed += record.text.size() + 1;
    };
    std::string_view rest = input;
    while (!rest.empty()) {
      const std::string_view line = codec::take_line(rest);
      const std::uint64_t begin = offset;
      offset += line.size() + 1;
      framer.line(line, begin, offset, Time{static_cast<std::int64_t>(offset)}, sink);
      if (framer.safe_offset() > offset) __builtin_trap();
    }
    framer.flush(Time{INT64_MAX}, sink);
    if (framer.has_open() || framer.safe_offset() != offset) __builtin_trap();
    if (limit > 256 && framed != offset) __builtin_trap();
  }
  return 0;
}
