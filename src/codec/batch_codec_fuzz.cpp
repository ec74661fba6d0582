#include <cstdlib>

#include "codec/batch_codec.h"

/// Whatever decodes must encode to something that decodes to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::codec;
  const auto batch = decode_batch({reinterpret_cast<const char*>(data), size});
  if (!batch) return 0;
  const auto once = encode_batch(*batch);
  if (!once) std::abort();
  const auto again = decode_batch(*once);
  if (!again || *encode_batch(*again) != *once) std::abort();
  return 0;
}
