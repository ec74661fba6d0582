// Bits, most significant first, appended to a string and read back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sentinella::series {

class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}

  /// The lowest `count` bits of `value`; count is 0 to 64.
  void bits(std::uint64_t value, unsigned count) {
    while (count > 0) {
      if (free_ == 0) {
        out_.push_back('\0');
        free_ = 8;
      }
      const unsigned take = count < free_ ? count : free_;
      const std::uint64_t piece = (value >> (count - take)) & ((1u << take) - 1);
      out_.back() = static_cast<char>(static_cast<std::uint8_t>(out_.back()) | piece << (free_ - take));
      free_ -= take;
      count -= take;
    }
  }

 private:
  std::string& out_;
  unsigned free_ = 0;  // unused bits of the last byte
};

/// After a read past the end ok() is false and every read gives zeroes.
class BitReader {
 public:
  explicit BitReader(std::string_view in) : in_(in) {}

  std::uint64_t bits(unsigned count) {
    if (count > in_.size() * 8 - at_) {
      at_ = in_.size() * 8;
      ok_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    while (count > 0) {
      const unsigned free = 8 - at_ % 8;
      const unsigned take = count < free ? count : free;
      const std::uint64_t byte = static_cast<std::uint8_t>(in_[at_ / 8]);
      value = value << take | ((byte >> (free - take)) & ((1u << take) - 1));
      at_ += take;
      count -= take;
    }
    return value;
  }
  bool ok() const { return ok_; }
  std::size_t left() const { return in_.size() * 8 - at_; }

 private:
  std::string_view in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace sentinella::series
