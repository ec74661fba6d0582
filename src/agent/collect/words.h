// Blank-separated text.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace sentinella::agent {

/// What stands between blanks and tabs; views into `line`.
inline std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> result;
  for (std::size_t at = 0;;) {
    at = line.find_first_not_of(" \t", at);
    if (at == std::string_view::npos) return result;
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    result.push_back(line.substr(at, end - at));
    at = end;
  }
}

}  // namespace sentinella::agent
