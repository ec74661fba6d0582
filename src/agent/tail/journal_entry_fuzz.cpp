#include <cstddef>
#include <cstdint>

#include "agent/tail/journal_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto position = position_of_cursor(text))
    if (!position_of_cursor(cursor_of_position(*position)) &&
        position->file.device + position->file.inode != 0)
      __builtin_trap();
  static_cast<void>(journal_terms(is_journal(text) ? text : "journal", text));
  static_cast<void>(journal_line({{"MESSAGE", text}}, sentinella::Time{}));
  return 0;
}
