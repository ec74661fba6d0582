#include <cstdlib>

#include "codec/loki_push.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace sentinella::codec;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  std::size_t found = 0;
  const LokiVisitor visitor{
      .stream = [](const ShippedDocument&) {},
      .entry = [&](const LokiEntry& entry, const ShippedDocument&) { found += 1 + entry.line.size(); },
      .refused = [&](std::size_t entries, const std::string&) { found += entries; }};
  static_cast<void>(read_loki_protobuf(all, visitor));
  if (found > 2 * size + 2) std::abort();
  static_cast<void>(read_loki_json(all, visitor));
  ShippedDocument labels;
  static_cast<void>(read_loki_labels(all, labels));
  return 0;
}
