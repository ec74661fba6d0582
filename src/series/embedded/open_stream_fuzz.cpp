#include <cstdint>
#include <cstdlib>

#include "series/embedded/open_stream.h"

/// Never reads past the end; gives no more samples than it was asked for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  if (size < 2) return 0;
  const auto count = static_cast<std::uint32_t>(data[0] | data[1] << 8);
  std::vector<Time> times;
  std::vector<double> values;
  series::unpack_stream({reinterpret_cast<const char*>(data) + 2, size - 2}, count, times, values);
  if (times.size() != values.size() || times.size() > count) std::abort();
  return 0;
}
