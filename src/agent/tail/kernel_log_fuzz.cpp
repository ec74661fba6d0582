#include <cstddef>
#include <cstdint>

#include "agent/tail/kernel_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  if (const auto message = agent::parse_kernel_message({reinterpret_cast<const char*>(data), size}))
    static_cast<void>(agent::kernel_log_line(*message, "h", Time{}));
  return 0;
}
