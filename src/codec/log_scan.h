// Small steps over a text from left to right: each takes what it matched off the front of `text`.
#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sentinella::codec {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// `nova.compute.manager`, `__main__`, `etcd-raft`.
inline bool is_logger_name(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
           c == '-';
  });
}

inline bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

inline bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

/// The text up to `end`, which is taken too; nothing when `end` is not within `limit` bytes.
inline std::optional<std::string_view> take_until(std::string_view& text, std::string_view end,
                                                  std::size_t limit) {
  const std::size_t at = text.substr(0, limit).find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return part;
}

/// As text.find(c), for what is mostly found near: within a word, of which an id is the longest.
inline std::size_t find_near(std::string_view text, char c) {
#if defined(__SSE2__)
  constexpr std::size_t kNear = 48, kStep = 16;
  for (std::size_t at = 0; at < kNear && text.size() - at >= kStep; at += kStep) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
    if (mask != 0) return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(mask)));
  }
#endif
  return text.find(c);
}

/// The first `a` or `b` at `from` or later; text.size() when there is none.
inline std::size_t find_either(std::string_view text, std::size_t from, char a, char b) {
#if defined(__SSE2__)
  constexpr std::size_t kStep = 16;
  for (; from + kStep <= text.size(); from += kStep) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from));
    const __m128i found =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(a)), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b)));
    const int mask = _mm_movemask_epi8(found);
    if (mask != 0) return from + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(mask)));
  }
#endif
  while (from < text.size() && text[from] != a && text[from] != b) ++from;
  return from;
}

/// Copies `text` to `out` and gives the place behind it. (std::ranges::copy goes byte by byte.)
inline char* put_text(char* out, std::string_view text) {
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

/// The word up to the next blank, which is taken too.
inline std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(find_near(text, ' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

/// The next line; its newline is taken too.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

template <typename T = std::uint32_t>
std::optional<T> take_number(std::string_view& text) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

template <typename T = std::uint32_t>
std::optional<T> whole_number(std::string_view word) {
  const auto number = take_number<T>(word);
  return word.empty() ? number : std::nullopt;
}

inline void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

/// Without the carriage return that ends it.
inline std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace sentinella::codec
