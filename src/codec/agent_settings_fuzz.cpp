#include <cstddef>
#include <cstdint>

#include "codec/agent_settings.h"

/// What was taken once stays good when it is laid over itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto settings = sentinella::codec::parse_agent_settings({reinterpret_cast<const char*>(data), size});
  if (!settings) return 0;
  const boost::json::object same = *settings;
  sentinella::codec::lay_over(*settings, same);
  if (*settings != same) __builtin_trap();
  return 0;
}
