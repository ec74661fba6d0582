// XXH3 for tables and identities, CRC-32C (Castagnoli, RFC 3720 appendix B.4) for what lies on disk.
#pragma once

#include <cstdint>
#include <string_view>

namespace sentinella {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

struct Hash128 {
  std::uint64_t low = 0, high = 0;
};
Hash128 hash128(std::string_view bytes, std::uint64_t seed = 0);
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace sentinella
