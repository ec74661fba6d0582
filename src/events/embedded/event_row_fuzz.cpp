#include <cstdlib>

#include "events/embedded/event_row.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::events;
  const auto event = decode_event_row({reinterpret_cast<const char*>(data), size});
  if (event && !decode_event_row(encode_event_row(*event))) std::abort();
  return 0;
}
