#include "logs/embedded/id_filter.h"

#include <cstdint>

#include "base/hash.h"
#include "logs/block/id_text.h"

namespace sentinella::logs {
namespace {

constexpr std::size_t kBitsPerId = 14;
constexpr unsigned kProbes = 5;

/// Calls `visit(byte, mask)` for each bit of an id until it returns false.
template <typename Visit>
bool probe(std::string_view id, std::size_t bytes, Visit&& visit) {
  const std::uint64_t hash = hash64(id);
  const std::uint64_t step = (hash >> 32) | 1;
  std::uint64_t at = hash;
  for (unsigned i = 0; i < kProbes; ++i, at += step) {
    const std::uint64_t bit = at % (bytes * 8);
    if (!visit(bit / 8, static_cast<unsigned char>(1u << bit % 8))) return false;
  }
  return true;
}

}  // namespace

IdFilter IdFilter::of(std::string_view ids) {
  IdFilter filter;
  filter.bits_.assign(ids.size() / kIdBytes * kBitsPerId / 8 + 8, '\0');
  for (std::size_t at = 0; at + kIdBytes <= ids.size(); at += kIdBytes)
    probe(ids.substr(at, kIdBytes), filter.bits_.size(), [&](std::size_t byte, unsigned char mask) {
      filter.bits_[byte] = static_cast<char>(static_cast<unsigned char>(filter.bits_[byte]) | mask);
      return true;
    });
  return filter;
}

bool IdFilter::may_have(std::string_view id) const {
  if (bits_.empty()) return true;
  return probe(id, bits_.size(), [&](std::size_t byte, unsigned char mask) {
    return (static_cast<unsigned char>(bits_[byte]) & mask) != 0;
  });
}

}  // namespace sentinella::logs
