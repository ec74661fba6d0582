// Any bytes as OTLP in protobuf: no crash, no growth beyond the limits, and what is accepted can be encoded
// again.
#include "codec/otlp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Batch batch;
  batch.received = Time{1};
  if (codec::decode_otlp_metrics(input, batch)) {
    Batch again;
    const auto counts = codec::decode_otlp_metrics(codec::encode_otlp_metrics(batch), again);
    if (!counts || counts->rejected != 0) __builtin_trap();
  }
  batch = {};
  batch.received = Time{1};
  if (codec::decode_otlp_logs(input, batch)) {
    Batch again;
    if (!codec::decode_otlp_logs(codec::encode_otlp_logs(batch), again)) __builtin_trap();
  }
  return 0;
}
