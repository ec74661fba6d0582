// A message from the bus, whole: envelope, samples, events, pipelines. Whatever comes, it is taken or refused
// with a reason.
#include <cstdlib>

#include "telemetry/processor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  static auto processor = telemetry::Processor::make({});
  const auto taken =
      processor->take({reinterpret_cast<const char*>(data), size}, Time{1'772'446'272'000'000'000});
  if (!taken && describe(taken.error()).empty()) std::abort();
  (void)processor->take_outgoing();
  return 0;
}
