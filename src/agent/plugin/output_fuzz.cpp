#include <cstddef>
#include <cstdint>

#include "agent/plugin/output.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  using namespace sentinella::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<Label> labels = {{"host", "h"}};
  static_cast<void>(parse_plugin_json(text, labels, Time{}));
  static_cast<void>(parse_plugin_lines(text, labels, Time{}));
  static_cast<void>(parse_nagios(text, labels, Time{}));
  static_cast<void>(parse_manifest(text));
  return 0;
}
