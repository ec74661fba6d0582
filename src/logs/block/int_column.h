// A column of integers in few bytes, to be compressed further together with its neighbours.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace sentinella::logs {

/// Appends the column in whichever coding is likely the smallest; the count is not part of it.
void encode_column(std::span<const std::uint64_t> values, std::string& out);

/// A decoded column, not larger than need be.
class IntColumn {
 public:
  std::uint64_t operator[](std::size_t i) const {
    return !narrow_.empty() ? narrow_[i] : !wide_.empty() ? wide_[i] : constant_;
  }
  std::size_t size() const { return size_; }
  bool constant() const { return narrow_.empty() && wide_.empty(); }
  /// Calls `use` with something that has operator[] and no branch in it.
  template <typename Use>
  decltype(auto) with(Use&& use) const {
    if (!narrow_.empty()) return use(narrow_.data());
    if (!wide_.empty()) return use(wide_.data());
    return use(Same{constant_});
  }
  std::size_t bytes() const { return narrow_.size() * 4 + wide_.size() * 8; }

  static IntColumn of(std::size_t size, std::uint64_t constant);
  static IntColumn of(std::vector<std::uint64_t> values);

 private:
  struct Same {
    std::uint64_t value;
    std::uint64_t operator[](std::size_t) const { return value; }
  };

  std::size_t size_ = 0;
  std::uint64_t constant_ = 0;
  std::vector<std::uint32_t> narrow_;
  std::vector<std::uint64_t> wide_;
};

/// Reads what encode_column() wrote for `count` values. On damage the reader is no longer ok(), or some value
/// is: whoever uses values as indices checks them.
IntColumn decode_column(ByteReader& reader, std::size_t count);

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

}  // namespace sentinella::logs
