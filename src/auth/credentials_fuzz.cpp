#include <cstdint>

#include "auth/credentials.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)sentinella::auth::parse_credentials({reinterpret_cast<const char*>(data), size});
  return 0;
}
