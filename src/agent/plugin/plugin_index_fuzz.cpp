#include <cstddef>
#include <cstdint>

#include "agent/plugin/plugin_index.h"

/// What was taken is written down as something that is taken again and means the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view half = text.substr(0, size / 2), rest = text.substr(size / 2);
  if (compare_versions(half, rest) + compare_versions(rest, half) != 0) __builtin_trap();
  const auto index = parse_plugin_index(text);
  if (!index) return 0;
  const auto again = parse_plugin_index(to_json(*index));
  if (!again || to_json(*again) != to_json(*index)) __builtin_trap();
  for (const auto& plugin : index->plugins)
    for (const auto& file : plugin.files)
      if (file.path.contains("..") && file.path.contains("/../")) __builtin_trap();
  return 0;
}
