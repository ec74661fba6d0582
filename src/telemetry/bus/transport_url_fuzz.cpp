#include "telemetry/bus/transport_url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)sentinella::telemetry::parse_transport_url({reinterpret_cast<const char*>(data), size});
  return 0;
}
