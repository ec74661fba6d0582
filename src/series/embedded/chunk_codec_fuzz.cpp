#include <bit>
#include <cstdlib>

#include "series/embedded/chunk_codec.h"

/// Whatever decodes must survive being encoded again, bit for bit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::series;
  const auto samples = decode_chunk({reinterpret_cast<const char*>(data), size});
  if (!samples) return 0;
  const auto again = decode_chunk(encode_chunk(*samples));
  if (!again || again->size() != samples->size()) std::abort();
  for (std::size_t i = 0; i < samples->size(); ++i)
    if ((*again)[i].at != (*samples)[i].at ||
        std::bit_cast<std::uint64_t>((*again)[i].value) != std::bit_cast<std::uint64_t>((*samples)[i].value))
      std::abort();
  return 0;
}
