// Small helpers on text. All views point into the argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sentinella {

std::string_view trim(std::string_view text);
/// Pieces between separators; "a,,b" has three. An empty text has none.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string to_lower(std::string_view text);
bool iequals(std::string_view a, std::string_view b);  ///< ASCII, for header names and keywords
/// The whole text as a decimal number; nullopt for anything else, overflow included.
std::optional<std::uint64_t> parse_uint(std::string_view text);
std::optional<double> parse_double(std::string_view text);
/// `text` when it is valid UTF-8, else with each bad byte replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);
/// At most `most` bytes of the text, with a mark at the end when some are left out; no character is cut.
std::string shortened(std::string_view text, std::size_t most);
/// The candidate nearest to a misspelt word, when near enough to be meant; for "unknown key" messages.
std::optional<std::string_view> suggest(std::string_view word,
                                        const std::vector<std::string_view>& candidates);
/// Shell-style match with * and ?.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace sentinella
