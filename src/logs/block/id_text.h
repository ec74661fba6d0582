// Ids of 16 bytes as they are written: 32 hex digits, or 8-4-4-4-12, in lower case.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sentinella::logs {

inline constexpr std::size_t kIdBytes = 16, kDashedId = 36, kPlainId = 32;
using IdBytes = std::array<char, kIdBytes>;

inline std::string_view bytes_of(const IdBytes& id) {
  return {id.data(), id.size()};
}

/// The bytes, when all of `text` is an id.
std::optional<std::string> parse_id(std::string_view text);
/// Of the id at the end of a text: "req-..." or the id alone.
std::optional<std::string> trailing_id(std::string_view text);
/// The id that `text` begins with, whatever follows it.
bool read_dashed(std::string_view text, IdBytes& id);
bool read_plain(std::string_view text, IdBytes& id);

/// Where the first 8-4-4-4-12 at `from` or later begins, in either case and whatever stands around it; npos:
/// nowhere. What one text has of these, every text has that contains it: so a block without an id cannot have
/// a text with it.
std::size_t find_dashed(std::string_view text, std::size_t from, IdBytes& id);
template <typename Visit>
void each_dashed(std::string_view text, Visit&& visit) {
  IdBytes id;
  for (std::size_t at = find_dashed(text, 0, id); at != text.npos; at = find_dashed(text, at + 1, id))
    visit(id);
}

}  // namespace sentinella::logs
