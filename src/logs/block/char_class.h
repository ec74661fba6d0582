// What each byte can be part of, for taking lines apart.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "logs/block/shape.h"
#include "logs/block/word_char.h"

namespace sentinella::logs {

enum CharClass : std::uint8_t { kWordChar = 1, kDigit = 2, kLowerHex = 4, kSpecial = 8, kNameStart = 16 };

inline constexpr std::array<std::uint8_t, 256> kCharClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    unsigned bits = 0;
    if (is_word_char(static_cast<char>(c))) bits |= kWordChar;
    if (digit) bits |= kDigit;
    if (digit || (c >= 'a' && c <= 'f')) bits |= kLowerHex;
    if (is_mark(static_cast<char>(c))) bits |= kSpecial;
    classes[c] = static_cast<std::uint8_t>(bits);
  }
  // The first letters of the names of days and months.
  for (const char c : std::string_view("SMTWFJAOND"))
    classes[static_cast<unsigned char>(c)] |= std::uint8_t{kNameStart};
  return classes;
}();

inline std::uint8_t class_of(char c) {
  return kCharClasses[static_cast<unsigned char>(c)];
}

/// The word that begins at `begin`, which is a byte of a word.
struct Word {
  std::size_t end = 0;
  std::uint8_t any = 0;     ///< classes that some byte has
  std::uint8_t all = 0xff;  ///< that every byte has
};
inline Word word_from(std::string_view line, std::size_t begin) {
  Word word{begin};
  for (; word.end < line.size(); ++word.end) {
    const std::uint8_t bits = class_of(line[word.end]);
    if (!(bits & kWordChar)) break;
    word.any |= bits;
    word.all &= bits;
  }
  return word;
}

}  // namespace sentinella::logs
