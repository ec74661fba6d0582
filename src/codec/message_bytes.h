// The bytes of a message as its template sees them: words (bytes over 0x7f belong to them), blanks, quotes,
// and separators.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sentinella::codec {

enum class MessageByte : std::uint8_t { word, blank, quote, separator };

inline constexpr std::array<MessageByte, 256> kMessageBytes = [] {
  std::array<MessageByte, 256> kinds{};
  const auto set = [&](std::string_view bytes, MessageByte kind) {
    for (const char c : bytes) kinds[static_cast<unsigned char>(c)] = kind;
  };
  set(" \t\n\r\v\f", MessageByte::blank);
  set("'\"", MessageByte::quote);
  set("()[]{}<>,;=|`", MessageByte::separator);
  return kinds;
}();

inline MessageByte message_byte(char c) {
  return kMessageBytes[static_cast<unsigned char>(c)];
}
inline bool in_word(char c) {
  return message_byte(c) == MessageByte::word;
}
inline bool is_blank_byte(char c) {
  return message_byte(c) == MessageByte::blank;
}
constexpr bool is_closing_mark(char c) {
  return c == '.' || c == ':' || c == '!' || c == '?';
}
/// Whether a quote at `at` may close: an apostrophe stands inside a word ("can't") and closes nothing.
inline bool closes_quotes(std::string_view text, std::size_t at) {
  return at + 1 == text.size() || !in_word(text[at + 1]) || is_closing_mark(text[at + 1]);
}
inline std::string_view without_last_blanks(std::string_view text) {
  while (!text.empty() && is_blank_byte(text.back())) text.remove_suffix(1);
  return text;
}

#if defined(__x86_64__)

/// The same of 32 bytes at once.
namespace wide {

// A byte's kinds are what the table of its high and that of its low half agree on.
enum Kind : unsigned char {
  kOddBlank = 1,
  kSpace = 2,
  kQuote = 4,
  kSeparator2 = 8,  // of the bytes 0x20 to 0x2f
  kSlash = 16,
  kDigit = 32,
  kSeparator3 = 64,
  kBracket = 128,
};

inline constexpr std::array<unsigned char, 16> kHigh = {
    kOddBlank, 0, kSpace | kQuote | kSeparator2 | kSlash, kDigit | kSeparator3, 0, kBracket, 0, kBracket};
inline constexpr std::array<unsigned char, 16> kLow = {kSpace | kDigit,
                                                       kDigit,
                                                       kQuote | kDigit,
                                                       kDigit,
                                                       kDigit,
                                                       kDigit,
                                                       kDigit,
                                                       kQuote | kDigit,
                                                       kSeparator2 | kDigit,
                                                       kOddBlank | kSeparator2 | kDigit,
                                                       kOddBlank,
                                                       kOddBlank | kSeparator3 | kBracket,
                                                       kOddBlank | kSeparator2 | kSeparator3,
                                                       kOddBlank | kSeparator3 | kBracket,
                                                       kSeparator3,
                                                       kSlash};

[[gnu::target("avx2")]] inline std::uint32_t bits_of(__m256i mask) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(mask));
}
[[gnu::target("avx2")]] inline __m256i all(int value) {
  return _mm256_set1_epi8(static_cast<char>(value));
}
[[gnu::target("avx2")]] inline __m256i equal(__m256i bytes, char c) {
  return _mm256_cmpeq_epi8(bytes, all(c));
}
[[gnu::target("avx2")]] inline __m256i load(const char* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}
[[gnu::target("avx2")]] inline __m256i table(const std::array<unsigned char, 16>& entries) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(entries.data())));
}
[[gnu::target("avx2")]] inline __m256i kinds_of(__m256i bytes) {
  const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), all(0x0f));
  // Bytes from 0x80 on give 0: their own top bit is left in the index.
  return _mm256_and_si256(_mm256_shuffle_epi8(table(kHigh), upper),
                          _mm256_shuffle_epi8(table(kLow), _mm256_and_si256(bytes, all(0x8f))));
}
/// One bit a byte: those that have one of `which`.
[[gnu::target("avx2")]] inline std::uint32_t having(__m256i kinds, int which) {
  return ~bits_of(_mm256_cmpeq_epi8(_mm256_and_si256(kinds, all(which)), _mm256_setzero_si256()));
}
[[gnu::target("avx2")]] inline std::uint32_t breaks_of(__m256i bytes, __m256i kinds) {
  return having(kinds, kOddBlank | kSpace | kQuote | kSeparator2 | kSeparator3 | kBracket) |
         bits_of(_mm256_or_si256(equal(bytes, '|'), equal(bytes, '`')));
}
[[gnu::target("avx2")]] inline std::uint32_t digits_of(__m256i kinds) {
  return bits_of(_mm256_slli_epi16(kinds, 2));
}
[[gnu::target("avx2")]] inline std::uint32_t slashes_of(__m256i kinds) {
  return bits_of(_mm256_slli_epi16(kinds, 3));
}

}  // namespace wide

#endif

}  // namespace sentinella::codec
