// Ids of 16 bytes as they are written: 32 hex digits, or 8-4-4-4-12, in lower case.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sentinella::logs {

inline constexpr std::size_t kIdBytes = 16, kDashedId = 36, kPlainId = 32;

/// The bytes, when all of `text` is an id.
std::optional<std::string> parse_id(std::string_view text);
/// Of the id at the end of a text: "req-..." or the id alone.
std::optional<std::string> trailing_id(std::string_view text);

}  // namespace sentinella::logs
