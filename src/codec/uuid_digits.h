// Hexadecimal digits of identifiers -> bytes, 16 digits at once. No tables, no jumps: most calls succeed.
#pragma once

#include <cstdint>
#include <cstring>

namespace sentinella::codec {

enum class DigitCase : std::uint8_t { lower, either };

/// 16 digits at `text` as 8 bytes at `out`; false when one of them is none (`out` is garbage then).
template <DigitCase kCase>
bool read_16_digits(const char* text, char* out) {
  using Bytes16 = unsigned char __attribute__((vector_size(16)));
  using Pairs = std::uint16_t __attribute__((vector_size(16)));
  using Bytes8 = unsigned char __attribute__((vector_size(8)));
  Bytes16 bytes;
  std::memcpy(&bytes, text, sizeof bytes);
  const Bytes16 folded = kCase == DigitCase::either ? bytes | 0x20 : bytes;
  const Bytes16 decimal = reinterpret_cast<Bytes16>(bytes - '0' <= 9);
  const Bytes16 letter = reinterpret_cast<Bytes16>(folded - 'a' <= 5);
  const Bytes16 known = decimal | letter;
  std::uint64_t halves[2];
  std::memcpy(halves, &known, sizeof halves);
  const Bytes16 values = (bytes & 0x0f) + (letter & 9);
  Pairs pairs;
  std::memcpy(&pairs, &values, sizeof pairs);
  // The first digit of a pair is the lower byte of its lane.
  const Bytes8 joined = __builtin_convertvector((pairs << 4 | pairs >> 8) & 0xff, Bytes8);
  std::memcpy(out, &joined, sizeof joined);
  return (halves[0] & halves[1]) == ~std::uint64_t{0};
}

/// 8-4-4-4-12 at `text` (36 bytes) as 16 bytes at `out`.
template <DigitCase kCase>
bool read_dashed_digits(const char* text, char* out) {
  if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return false;
  char digits[32];
  std::memcpy(digits, text, 8);
  std::memcpy(digits + 8, text + 9, 4);
  std::memcpy(digits + 12, text + 14, 4);
  std::memcpy(digits + 16, text + 19, 4);
  std::memcpy(digits + 20, text + 24, 12);
  return read_16_digits<kCase>(digits, out) && read_16_digits<kCase>(digits + 16, out + 8);
}

}  // namespace sentinella::codec
