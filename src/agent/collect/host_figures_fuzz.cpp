#include <cstddef>
#include <cstdint>

#include "agent/collect/host_figures.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_cpu(text));
  static_cast<void>(parse_meminfo(text));
  static_cast<void>(parse_loadavg(text));
  static_cast<void>(parse_uptime(text));
  static_cast<void>(parse_diskstats(text));
  static_cast<void>(parse_net_dev(text));
  static_cast<void>(parse_bond(text));
  static_cast<void>(parse_mounts(text));
  return 0;
}
