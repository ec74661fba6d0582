// Which three bytes in a row a text has: a word that is not there is mostly known by that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sentinella::logs {

/// Of texts in lower case. Letters and digits are told apart, other bytes share the codes that are left.
class Trigrams {
 public:
  void add(std::string_view lower) {
    if (lower.size() < 3) return;
    bits_.resize(kBits / 64);
    std::uint32_t last = code(lower[0]) << 6 | code(lower[1]);
    for (std::size_t i = 2; i < lower.size(); ++i) {
      last = (last << 6 | code(lower[i])) & (kBits - 1);
      bits_[last / 64] |= 1ull << last % 64;
    }
  }
  /// False: no text that was added contains it.
  bool may_have(std::string_view lower) const {
    if (lower.size() < 3) return true;
    if (bits_.empty()) return false;
    std::uint32_t last = code(lower[0]) << 6 | code(lower[1]);
    for (std::size_t i = 2; i < lower.size(); ++i) {
      last = (last << 6 | code(lower[i])) & (kBits - 1);
      if ((bits_[last / 64] >> last % 64 & 1) == 0) return false;
    }
    return true;
  }
  std::size_t footprint() const { return bits_.size() * 8; }

 private:
  static constexpr std::uint32_t kBits = 1u << 18;
  static constexpr std::array<std::uint8_t, 256> kCodes = [] {
    std::array<std::uint8_t, 256> codes{};
    for (unsigned c = 0; c < 256; ++c) {
      unsigned coded = 36 + c % 28;
      if (c >= '0' && c <= '9') coded = c - '0';
      if (c >= 'a' && c <= 'z') coded = 10 + c - 'a';
      codes[c] = static_cast<std::uint8_t>(coded);
    }
    return codes;
  }();
  static std::uint32_t code(char c) { return kCodes[static_cast<unsigned char>(c)]; }

  std::vector<std::uint64_t> bits_;
};

}  // namespace sentinella::logs
