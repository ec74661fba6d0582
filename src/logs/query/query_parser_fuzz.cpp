#include "logs/query/query_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  const auto query = logs::parse_query({reinterpret_cast<const char*>(data), size});
  LogRecord record;
  record.raw = record.message = "2026-03-02 10:11:12.345 2712 ERROR nova.compute.manager [-] Instance failed";
  if (query) (void)logs::matches(*query->expression, logs::view_of({1, 0}, record));
  return 0;
}
