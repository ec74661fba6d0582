#include "codec/forward_message.h"
#include "codec/shipped_record.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sentinella::codec;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  ShippedDocument document;
  static_cast<void>(read_forward_message(all, 1u << 20, [&](const ForwardEvent& event) {
    document.clear();
    if (document.read_msgpack(event.record))
      static_cast<void>(shipped_record(document, {.time = event.time, .host = "h", .service = "s"}));
  }));
  static_cast<void>(read_forward_ping(all, "nonce", "key"));
  return 0;
}
