// Finding a text in much text, many bytes at a time.
#pragma once

#include <string>
#include <string_view>

namespace sentinella::logs {

/// As haystack.find(needle, from), faster on long texts.
std::size_t find_text(std::string_view haystack, std::string_view needle, std::size_t from = 0);
/// ASCII letters match either case; `lower` must be in lower case.
std::size_t find_ignoring_case(std::string_view text, std::string_view lower, std::size_t from = 0);
inline bool contains_ignoring_case(std::string_view text, std::string_view lower) {
  return find_ignoring_case(text, lower) != std::string_view::npos;
}
void append_lower(std::string& out, std::string_view text);

}  // namespace sentinella::logs
