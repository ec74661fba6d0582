// Decimal numbers from raw bytes, eight digits at a time (SWAR: the eight bytes of a word are digits of one
// number). What is read equals strtod bit for bit: up to 2^53 with at most 22 digits of fraction one exact
// division gives the nearest double (W. D. Clinger, "How to read floating point numbers accurately", 1990);
// everything else goes to std::from_chars.
//
// Nothing is read at or beyond `end`. No allocation, no locale.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace sentinella::codec {

struct DecimalNumber {
  double value = 0;
  /// Digits when the text has only digits (and a sign); 0 when it has a point or an exponent.
  unsigned whole_digits = 0;
};

/// Reads `-?digits[.digits][e[+-]digits]` (a point needs a digit on either side at least) from `from`.
/// Returns the first byte after it; nullptr when there is no number, or one beyond the largest double.
const char* scan_decimal_slowly(const char* from, const char* end, DecimalNumber& out);

namespace decimal_detail {

inline constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                          1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                          1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
inline constexpr std::uint64_t kWholePowersOfTen[] = {1,       10,        100,        1'000,      10'000,
                                                      100'000, 1'000'000, 10'000'000, 100'000'000};

/// Eight bytes, or those that there are before `end` and zeros.
inline std::uint64_t load_eight(const char* from, const char* end) {
  std::uint64_t word = 0;
  if (end - from >= 8) [[likely]]
    std::memcpy(&word, from, 8);
  else
    std::memcpy(&word, from, static_cast<std::size_t>(end - from));
  return word;
}

/// How many of the bytes are digits before the first that is none. Carries only spoil bytes behind that one.
inline unsigned leading_digits(std::uint64_t word) {
  const std::uint64_t others =
      ((word + 0x4646464646464646) | (word - 0x3030303030303030)) & 0x8080808080808080;
  return others == 0 ? 8u : static_cast<unsigned>(std::countr_zero(others)) / 8;
}

/// The number that the first `count` (1 to 8) bytes write.
inline std::uint64_t number_of(std::uint64_t word, unsigned count) {
  word <<= 64 - 8 * count;  // as if zeros stood before it
  word &= 0x0f0f0f0f0f0f0f0f;
  word = word * 10 + (word >> 8);
  return (((word & 0x000000ff000000ff) * 0x000f424000000064) +
          (((word >> 16) & 0x000000ff000000ff) * 0x0000271000000001)) >>
         32;
}

/// Appends up to 16 digits to `number`; returns how many there were, 17 for more.
[[gnu::always_inline]] inline unsigned take_digits(const char*& from, const char* end,
                                                   std::uint64_t& number) {
  std::uint64_t word = load_eight(from, end);
  unsigned count = leading_digits(word);
  if (count == 0) return 0;
  number = number * kWholePowersOfTen[count] + number_of(word, count);
  from += count;
  if (count < 8) return count;
  word = load_eight(from, end);
  count = leading_digits(word);
  if (count == 0) return 8;
  number = number * kWholePowersOfTen[count] + number_of(word, count);
  from += count;
  return count < 8 || from == end || *from < '0' || *from > '9' ? 8 + count : 17;
}

}  // namespace decimal_detail

/// As scan_decimal_slowly(), at speed.
inline const char* scan_decimal(const char* from, const char* end, DecimalNumber& out) {
  using namespace decimal_detail;
  if (from == end) return nullptr;
  const char* at = from;
  const bool negative = *at == '-';
  at += negative;
  std::uint64_t number = 0;
  const unsigned whole = take_digits(at, end, number);
  unsigned fraction = 0;
  const bool pointed = at != end && *at == '.';
  if (pointed) {
    ++at;
    fraction = take_digits(at, end, number);
  }
  const bool more = at != end && (*at == 'e' || *at == 'E');
  // Over 19 digits `number` has overflowed; over 16 on one side not all of them were taken.
  const bool long_one = whole > 16 || fraction > 16 || whole + fraction > 19;
  if (long_one || whole + fraction == 0 || number > (1ull << 53) || more) [[unlikely]]
    return scan_decimal_slowly(from, end, out);
  double value = static_cast<double>(number);
  if (fraction != 0) value /= kPowersOfTen[fraction];
  out.value = negative ? -value : value;
  out.whole_digits = pointed ? 0 : whole;
  return at;
}

/// Reads `-?digits`. nullptr: none, or beyond an int64.
inline const char* scan_integer(const char* from, const char* end, std::int64_t& out) {
  using namespace decimal_detail;
  if (from == end) return nullptr;
  const bool negative = *from == '-';
  from += negative;
  std::uint64_t number = 0;
  unsigned digits = take_digits(from, end, number);
  if (digits == 0) return nullptr;
  if (digits >= 16) {
    while (from != end && *from >= '0' && *from <= '9') {
      const auto digit = static_cast<std::uint64_t>(*from - '0');
      if (number > (UINT64_MAX - digit) / 10) return nullptr;
      number = number * 10 + digit;
      ++from;
    }
  }
  const std::uint64_t limit = static_cast<std::uint64_t>(INT64_MAX) + (negative ? 1 : 0);
  if (number > limit) return nullptr;
  out = static_cast<std::int64_t>(negative ? 0 - number : number);
  return from;
}

}  // namespace sentinella::codec
