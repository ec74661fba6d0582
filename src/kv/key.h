// Keys whose order as bytes is the order of what they hold: integers big-endian, signed ones with the sign
// flipped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace sentinella::kv {

/// `Key().u32(account).tag('c').time(t).take()`
class Key {
 public:
  Key& u32(std::uint32_t value) { return big_endian(value, 4); }
  Key& u64(std::uint64_t value) { return big_endian(value, 8); }
  Key& time(Time t) { return u64(static_cast<std::uint64_t>(t.ns) ^ kSign); }
  Key& tag(char value) {
    bytes_.push_back(value);
    return *this;
  }
  Key& bytes(std::string_view value) {
    bytes_.append(value);
    return *this;
  }
  const std::string& str() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  friend class KeyReader;
  static constexpr std::uint64_t kSign = 1ull << 63;

  Key& big_endian(std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
      bytes_.push_back(static_cast<char>(value >> shift));
    return *this;
  }

  std::string bytes_;
};

/// Takes a key apart again. After a read past the end ok() is false and every read gives zero.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : rest_(key) {}
  std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
  std::uint64_t u64() { return big_endian(8); }
  Time time() { return {static_cast<std::int64_t>(u64() ^ Key::kSign)}; }
  char tag() { return static_cast<char>(big_endian(1)); }
  std::string_view rest() const { return rest_; }
  bool ok() const { return ok_; }

 private:
  std::uint64_t big_endian(std::size_t bytes) {
    if (rest_.size() < bytes) return ok_ = false, 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<std::uint8_t>(rest_[i]);
    rest_.remove_prefix(bytes);
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

/// The least key greater than every key that begins with `prefix`; prefix must not be all 0xff.
std::string after_prefix(std::string_view prefix);

}  // namespace sentinella::kv
