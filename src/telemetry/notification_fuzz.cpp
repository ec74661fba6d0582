#include "telemetry/event_definitions.h"
#include "telemetry/meter_definitions.h"
#include "telemetry/notification.h"
#include "telemetry/shipped_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::telemetry;
  static auto meters = MeterDefinitions::parse(shipped_file("meters.yaml"));
  static auto events = EventDefinitions::parse(shipped_file("event_definitions.yaml"), Unmatched::keep);
  static NotificationReader reader;
  const auto notification = reader.read({reinterpret_cast<const char*>(data), size});
  if (!notification) return 0;
  (void)meters->samples(*notification);
  (void)events->convert(*notification);
  return 0;
}
