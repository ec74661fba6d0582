// A message of polled samples from whoever can reach the bus, where signatures are asked for. What we sign,
// fits; nothing else does.
#include <cstdlib>

#include "telemetry/message_signature.h"
#include "telemetry/notification.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::telemetry;
  const auto message = parse_notification({reinterpret_cast<const char*>(data), size});
  if (!message || !message->payload().is_object()) return 0;
  boost::json::object wire = message->payload().get_object();
  std::size_t allowance = kMostSignedBytesOfMessage;
  if (is_signed(wire, "secret", allowance)) std::abort();
  sign(wire, "secret");
  const bool is_too_long = wire.at("message_signature").get_string().empty();
  if (is_signed(wire, "secret", allowance) == is_too_long) std::abort();
  if (allowance + 2 * kMostSignedBytes < kMostSignedBytesOfMessage) std::abort();
  return 0;
}
