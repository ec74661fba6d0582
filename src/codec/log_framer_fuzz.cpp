// Any bytes as lines of a file: every record ends within what was read, and nothing is left open after a
// flush.
#include "base/text.h"
#include "codec/log_framer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  codec::LogFramer framer(256);
  std::uint64_t offset = 0;
  const auto sink = [&](const codec::FramedRecord& record) {
    if (record.begin_offset >= record.end_offset || record.end_offset > offset) __builtin_trap();
    if (record.text.size() > 512) __builtin_trap();
  };
  for (const std::string_view line : split(input, '\n')) {
    const std::uint64_t begin = offset;
    offset += line.size() + 1;
    framer.line(line, begin, offset, Time{static_cast<std::int64_t>(offset)}, sink);
    if (framer.safe_offset() > offset) __builtin_trap();
  }
  framer.flush(Time{INT64_MAX}, sink);
  if (framer.has_open() || framer.safe_offset() != offset) __builtin_trap();
  return 0;
}
