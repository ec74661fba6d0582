// A pattern and a line, both any bytes, apart by the first newline.
#include "codec/log_parser.h"
#include "codec/log_scan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  std::string_view line(reinterpret_cast<const char*>(data), size);
  const std::string_view pattern = codec::take_line(line);
  auto compiled = codec::LogPattern::compile(pattern);
  if (!compiled) return 0;
  codec::LogParser::Options options;
  options.pattern = *compiled;
  codec::LogParser parser(std::move(options));
  parser.scan(line, {});
  return 0;
}
