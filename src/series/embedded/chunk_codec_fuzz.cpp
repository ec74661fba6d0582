#include <algorithm>
#include <bit>
#include <cstdlib>

#include "base/bytes.h"
#include "base/hash.h"
#include "series/embedded/chunk_codec.h"

/// Whatever decodes must survive being encoded again, bit for bit. The checksum is put right first, or
/// nothing would get past it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  std::string chunk(reinterpret_cast<const char*>(data), size);
  ByteWriter(chunk).fixed(crc32c(chunk));
  std::vector<Time> times, times_again;
  std::vector<double> values, values_again;
  (void)series::peek_chunk(chunk);
  if (!series::decode_chunk(chunk, times, values)) return 0;
  const std::string again = series::encode_chunk(times, values);
  if (!series::decode_chunk(again, times_again, values_again) || times_again != times ||
      !std::ranges::equal(values_again, values, [](double a, double b) {
        return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
      }))
    std::abort();
  return 0;
}
