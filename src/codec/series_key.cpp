#include "codec/series_key.h"

#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/crypto.h"

namespace sentinella::codec {
namespace {

std::uint64_t process_seed() {
  static const std::uint64_t seed = [] {
    const std::string bytes = random_bytes(sizeof(std::uint64_t));
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  }();
  return seed;
}

}  // namespace

SeriesKey series_key(std::string_view raw, std::uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(raw.data(), raw.size(), seed);
  return {hash.low64 == 0 ? 1 : hash.low64, hash.high64};
}

std::uint64_t series_key_seed(AccountId account) {
  return process_seed() ^ (static_cast<std::uint64_t>(account) * 0x9e3779b97f4a7c15);
}

}  // namespace sentinella::codec
