#include <cstddef>
#include <cstdint>

#include "agent/collect/kernel_figures.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_pressure(text));
  static_cast<void>(parse_named_value(text, "oom_kill"));
  static_cast<void>(parse_keyed_value(text, "TCP:", "tw"));
  static_cast<void>(parse_counter(text, "Tcp:", "RetransSegs"));
  static_cast<void>(parse_file_nr(text));
  return 0;
}
