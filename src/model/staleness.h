// Prometheus' staleness marker: the NaN that says that a series has ended.
#pragma once

#include <bit>
#include <cstdint>

namespace sentinella {

inline constexpr std::uint64_t kStaleBits = 0x7ff0000000000002;

inline double stale_marker() {
  return std::bit_cast<double>(kStaleBits);
}
inline bool is_stale(double value) {
  return std::bit_cast<std::uint64_t>(value) == kStaleBits;
}

}  // namespace sentinella
