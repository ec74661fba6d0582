// Decimal digits as a part of a number, without writing the number down.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sentinella::logs {

/// Whether a number, written in decimal, answers a SlotAsk of digits. `width` digits with leading zeros; 0 =
/// as many as it needs.
class NumberText {
 public:
  /// `digits`: at most 20.
  explicit NumberText(std::string_view digits) : length_(digits.size()) {
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value_);
    possible_ = read.ec == std::errc() && digits.size() < 20;
    leading_zero_ = digits.size() > 1 && digits[0] == '0';
    for (std::size_t i = 0; i < length_ && possible_; ++i) modulus_ *= 10;
    if (possible_ && length_ <= kChunk) fill_tables();
  }

  bool equals(std::uint64_t number, std::size_t width) const {
    return possible_ && number == value_ && (width == 0 ? !leading_zero_ : width == length_);
  }
  bool begins(std::uint64_t number, std::size_t width) const {
    if (!possible_) return false;
    if (width != 0) {
      if (width < length_) return false;
      for (std::size_t i = length_; i < width; ++i) number /= 10;
      return number == value_;
    }
    if (leading_zero_) return false;
    if (value_ == 0) return number == 0;
    while (number >= modulus_) number /= 10;
    return number == value_;
  }
  bool ends(std::uint64_t number, std::size_t width) const {
    if (!possible_ || number % modulus_ != value_) return false;
    return width != 0 ? width >= length_ : !leading_zero_ || number >= modulus_;
  }
  bool holds(std::uint64_t number, std::size_t width) const {
    if (!possible_) return false;
    if (width != 0) return holds_padded(number, width);
    if (!short_.empty()) {
      if (number < kChunkSize) return short_[number] != 0;
      if (number < kChunkSize * kChunkSize && !leading_zero_ && length_ < kChunk) {
        const auto low = static_cast<std::uint32_t>(number);
        return short_[low / kChunkSize] != 0 || chunk_[low % kChunkSize] != 0 ||
               (length_ > 1 && chunk_[low / 100 % kChunkSize] != 0);
      }
    }
    if (number == 0) return value_ == 0 && length_ == 1;
    const std::uint64_t least = leading_zero_ ? modulus_ : std::max<std::uint64_t>(value_, 1);
    for (; number >= least; number /= 10)
      if (number % modulus_ == value_ && (!leading_zero_ || number >= modulus_)) return true;
    return false;
  }

 private:
  static constexpr std::size_t kChunk = 4;
  static constexpr std::uint64_t kChunkSize = 10'000;

  bool holds_padded(std::uint64_t number, std::size_t width) const {
    if (width < length_) return false;
    if (width == kChunk && !chunk_.empty() && number < kChunkSize) return chunk_[number] != 0;
    for (std::size_t i = width - length_ + 1; i > 0; --i, number /= 10)
      if (number % modulus_ == value_) return true;
    return false;
  }
  /// All numbers of at most four digits, and all texts of just four, that hold the digits.
  void fill_tables() {
    short_.assign(kChunkSize, 0);
    chunk_.assign(kChunkSize, 0);
    std::uint64_t power = 1;
    for (std::size_t k = 0; k + length_ <= kChunk; ++k, power *= 10)
      for (std::uint64_t high = 0; high * power * modulus_ < kChunkSize; ++high)
        for (std::uint64_t low = 0; low < power; ++low) {
          const std::uint64_t number = (high * modulus_ + value_) * power + low;
          chunk_[number] = 1;
          const bool zero_in_front = value_ < modulus_ / 10 || (length_ == 1 && value_ == 0);
          if (high > 0 || !zero_in_front) short_[number] = 1;
        }
    if (length_ == 1 && value_ == 0) short_[0] = 1;
  }

  std::uint64_t value_ = 0, modulus_ = 1;
  std::size_t length_;
  bool possible_ = false, leading_zero_ = false;
  std::vector<std::uint8_t> short_, chunk_;
};

}  // namespace sentinella::logs
