// Any bytes as OTLP in JSON: no crash, and a refused message leaves the batch empty.
#include "codec/otlp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Batch batch;
  batch.received = Time{1};
  if (!codec::decode_otlp_metrics_json(input, batch) && !batch.empty()) __builtin_trap();
  batch = {};
  batch.received = Time{1};
  if (!codec::decode_otlp_logs_json(input, batch) && !batch.empty()) __builtin_trap();
  return 0;
}
