// Each format's scanner by itself on any record: the first byte chooses it. What it found lies within what it
// may point into, and the columns hold it.
#include "codec/log_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  if (size == 0) return 0;
  codec::LogParser::Options options;
  options.only = static_cast<codec::LogFormat>(data[0] % codec::kLogFormats);
  const std::string_view raw(reinterpret_cast<const char*>(data) + 1, size - 1);
  codec::LogParser parser(std::move(options));
  codec::LogColumns columns;
  if (!parser.parse(raw, {}, columns) || columns.size() != 1) __builtin_trap();
  if (columns.text(columns.raw[0]) != raw) __builtin_trap();
  const LogRecord record = columns.record(0);
  if (record.message.size() > raw.size() + 64 || record.traceback.size() > raw.size() + 1) __builtin_trap();
  std::uint32_t at = columns.message[0].offset;
  for (const auto hole : columns.variables_of(0)) {
    if (hole.offset < at || hole.length == 0) __builtin_trap();
    at = hole.offset + hole.length;
  }
  if (at > columns.message[0].offset + columns.message[0].length) __builtin_trap();
  return 0;
}
