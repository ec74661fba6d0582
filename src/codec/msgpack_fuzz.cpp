#include <cstdlib>

#include "codec/msgpack.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sentinella;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  codec::MsgpackExtent at_once, in_pieces;
  const auto whole = at_once.find(all);
  for (std::size_t seen = 1; seen <= size && seen < 4096; ++seen) {
    const auto found = in_pieces.find(all.substr(0, seen));
    if (!found) break;
    if (!*found) continue;
    if (!whole || !*whole || **whole != **found || **found != seen) std::abort();
    break;
  }
  JsonWriter json;
  if (codec::msgpack_to_json(all, json) && !parse_json(json.str())) std::abort();
  return 0;
}
