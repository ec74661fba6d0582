#include "codec/bulk_request.h"
#include "codec/shipped_record.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sentinella::codec;
  ShippedDocument document;
  static_cast<void>(read_bulk({reinterpret_cast<const char*>(data), size}, [&](const BulkItem& item) {
    document.clear();
    if (document.read_json(item.document))
      static_cast<void>(shipped_record(document, {.time = {}, .host = "h", .service = "s"}));
  }));
  return 0;
}
