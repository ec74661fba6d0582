#include <cstdlib>

#include "net/proxy_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto header = sentinella::net::read_proxy_header(bytes);
  if (header && *header && (*header)->size > size) std::abort();
  return 0;
}
