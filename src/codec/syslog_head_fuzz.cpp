// Any bytes as a syslog message: what is found lies within the message.
#include "codec/syslog_head.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sentinella;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  static_cast<void>(codec::syslog_severity(line));
  const auto head = codec::scan_syslog_head(line, Time{1'700'000'000'000'000'000});
  if (!head) return 0;
  for (const std::string_view part : {head->host, head->tag, head->text})
    if (!part.empty() && (part.data() < line.data() || part.data() + part.size() > line.data() + line.size()))
      __builtin_trap();
  return 0;
}
