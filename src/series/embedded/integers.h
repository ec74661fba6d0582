// Arithmetic modulo 2^64 on numbers that are meant signed.
#pragma once

#include <cstdint>

namespace sentinella::series {

/// Near zero, on either side, becomes small: 0, -1, 1, -2 ... are 0, 1, 2, 3 ...
inline constexpr std::uint64_t zigzag(std::uint64_t value) {
  return value << 1 ^ (0 - (value >> 63));
}
inline constexpr std::uint64_t unzigzag(std::uint64_t value) {
  return value >> 1 ^ (0 - (value & 1));
}

}  // namespace sentinella::series
