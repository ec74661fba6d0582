// Any text is refused or becomes a tree whose own text gives the same text again.
#include <cstdlib>

#include "query/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::query;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expr = parse_expression(text);
  static_cast<void>(parse_selector(text));
  if (!expr) return 0;
  const auto printed = to_string(**expr);
  const auto again = parse_expression(printed);
  if (!again || to_string(**again) != printed) std::abort();
  static_cast<void>(to_pretty_string(**expr));
  return 0;
}
