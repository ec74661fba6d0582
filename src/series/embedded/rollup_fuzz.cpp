#include <cstdlib>

#include "base/bytes.h"
#include "base/hash.h"
#include "series/embedded/rollup_codec.h"

/// Whatever decodes must survive being encoded again. The checksum is put right first, or nothing would get
/// past it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  std::string chunk(reinterpret_cast<const char*>(data), size);
  ByteWriter(chunk).fixed(crc32c(chunk));
  (void)series::peek_rollups(chunk);
  const auto rolled = series::decode_rollups(chunk);
  if (!rolled) return 0;
  const auto again = series::decode_rollups(series::encode_rollups(*rolled));
  if (!again || again->times != rolled->times || again->counts != rolled->counts ||
      series::samples_of(*again).size() != rolled->size())
    std::abort();
  return 0;
}
