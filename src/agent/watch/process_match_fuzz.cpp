#include <cstddef>
#include <cstdint>

#include "agent/watch/proc_fs.h"
#include "agent/watch/process_match.h"

// Any user of the machine can give his process any command line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_process_stat(text));
  const ProcessMatch match(parse_command_line(text));
  static_cast<void>(match("nova-api"));
  static_cast<void>(match(text));
  return 0;
}
