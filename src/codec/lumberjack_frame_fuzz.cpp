#include <cstdlib>

#include "codec/lumberjack_frame.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sentinella::codec;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (;;) {
    const auto frame = read_lumberjack_frame(rest, 1u << 16);
    if (!frame || !*frame) return 0;
    if ((*frame)->size == 0 || (*frame)->size > rest.size()) std::abort();
    ShippedDocument document;
    if ((*frame)->kind == LumberjackFrame::Kind::pairs && !read_lumberjack_pairs((*frame)->payload, document))
      std::abort();
    if ((*frame)->kind == LumberjackFrame::Kind::json)
      static_cast<void>(document.read_json((*frame)->payload));
    rest.remove_prefix((*frame)->size);
  }
}
