// Bits packed into bytes, least significant first, appended to a string and read back.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sentinella::series {

/// The lowest `width` bits; width is 0 to 64.
inline std::uint64_t low_bits(std::uint64_t value, unsigned width) {
  return width >= 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

/// The same for widths below 64, in one instruction where the processor has it.
inline std::uint64_t few_bits(std::uint64_t value, unsigned width) {
  return value & ((std::uint64_t{1} << width) - 1);
}

/// Nothing is in the string for sure before finish().
class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}

  /// `value` has no bits above `width`, which is 0 to 64.
  void put(std::uint64_t value, unsigned width) {
    pending_ |= value << used_;
    if (used_ + width < 64) {
      used_ += width;
      return;
    }
    flush(8);
    pending_ = used_ == 0 ? 0 : value >> (64 - used_);
    used_ = used_ + width - 64;
  }
  /// Fills the last byte with zeroes.
  void finish() {
    flush((used_ + 7) / 8);
    pending_ = 0;
    used_ = 0;
  }

 private:
  void flush(unsigned bytes) {
    char buffer[8];
    std::memcpy(buffer, &pending_, 8);
    out_.append(buffer, bytes);
  }

  std::string& out_;
  std::uint64_t pending_ = 0;
  unsigned used_ = 0;  // bits of pending_, below 64
};

/// Never reads past the end: what lies there is zeroes, and overran() tells.
class BitReader {
 public:
  /// peek() shows at least this many bits.
  static constexpr unsigned kPeek = 57;

  explicit BitReader(std::string_view in) : in_(in) {}

  std::uint64_t peek() const {
    const std::size_t byte = at_ >> 3;
    std::uint64_t word = 0;
    if (byte + 8 <= in_.size()) [[likely]]
      std::memcpy(&word, in_.data() + byte, 8);
    else if (byte < in_.size())
      std::memcpy(&word, in_.data() + byte, in_.size() - byte);
    return word >> (at_ & 7);
  }
  void skip(unsigned width) { at_ += width; }
  /// 0 to 64 bits.
  std::uint64_t take(unsigned width) {
    if (width > kPeek) {
      const std::uint64_t low = take(32);
      return low | take(width - 32) << 32;
    }
    const std::uint64_t value = few_bits(peek(), width);
    skip(width);
    return value;
  }
  bool overran() const { return at_ > in_.size() * 8; }
  /// Bytes begun.
  std::size_t bytes() const { return (at_ + 7) / 8; }

 private:
  std::string_view in_;
  std::size_t at_ = 0;  // bits
};

}  // namespace sentinella::series
