#include <string_view>

#include "logs/embedded/record_buffer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::logs;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)decode_header(bytes);
  RecordReader reader(bytes);
  RecordView view;
  for (auto more = reader.next(view); more && *more; more = reader.next(view)) (void)to_record(view);
  return 0;
}
