#include "catalog/name_pattern.h"

#include <cstddef>

namespace sentinella::catalog {
namespace {

/// Where the set that begins at `at` (a '[') ends, behind its ']'; `at` when it does not end and stands for
/// itself.
std::size_t end_of_set(std::string_view pattern, std::size_t at) {
  std::size_t end = at + 1;
  if (end < pattern.size() && pattern[end] == '!') ++end;
  if (end < pattern.size() && pattern[end] == ']') ++end;
  end = pattern.find(']', end);
  return end == std::string_view::npos ? at : end + 1;
}

bool in_set(std::string_view set, char c) {
  const bool negated = set.starts_with('!');
  if (negated) set.remove_prefix(1);
  bool found = false;
  for (std::size_t i = 0; i < set.size() && !found; ++i) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      found = set[i] <= c && c <= set[i + 2];
      i += 2;
    } else {
      found = set[i] == c;
    }
  }
  return found != negated;
}

/// Whether the one character that `pattern` has at `p`, which moves behind it, can be `c`.
bool one_matches(std::string_view pattern, std::size_t& p, char c) {
  if (pattern[p] == '[')
    if (const std::size_t end = end_of_set(pattern, p); end != p) {
      const auto set = pattern.substr(p + 1, end - p - 2);
      p = end;
      return in_set(set, c);
    }
  return pattern[p] == '?' ? (++p, true) : pattern[p++] == c;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0;
  // Behind the last star, and where the text that it stands for ends so far.
  std::size_t star = std::string_view::npos, star_end = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_end = n;
      continue;
    }
    if (std::size_t next = p; p < pattern.size() && one_matches(pattern, next, name[n])) {
      p = next;
      ++n;
      continue;
    }
    if (star == std::string_view::npos) return false;
    p = star;
    n = ++star_end;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace sentinella::catalog
