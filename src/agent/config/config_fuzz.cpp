#include <cstddef>
#include <cstdint>

#include "agent/config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(sentinella::agent::parse_config({reinterpret_cast<const char*>(data), size}));
  return 0;
}
