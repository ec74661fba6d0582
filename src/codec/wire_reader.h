// The protobuf wire format over bytes in memory (protobuf.dev, "Encoding"), for walks that must be fast: no
// copies, every read bounded, a bad one ends the message.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sentinella::codec {

class WireReader {
 public:
  explicit WireReader(std::string_view message) : at_(message.data()), end_(at_ + message.size()) {}

  bool ok() const { return ok_; }
  bool more() const { return at_ != end_; }
  const char* position() const { return at_; }

  /// Field number << 3 | type. 0 after the end of what can be read.
  std::uint64_t tag() {
    if (at_ != end_ && static_cast<unsigned char>(*at_) < 0x80) return static_cast<unsigned char>(*at_++);
    return varint();
  }
  /// What tag() would give when that is a single byte; 0 otherwise.
  std::uint64_t next_tag() const { return at_ == end_ ? 0 : static_cast<unsigned char>(*at_); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }
  std::int64_t zigzag() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  double real() {
    std::uint64_t bits = 0;
    if (end_ - at_ < 8) return std::bit_cast<double>(fail());
    std::memcpy(&bits, at_, 8);
    at_ += 8;
    return std::bit_cast<double>(bits);
  }
  std::string_view bytes() {
    const std::uint64_t size = varint();
    if (size > static_cast<std::uint64_t>(end_ - at_)) {
      fail();
      return {};
    }
    const std::string_view found(at_, size);
    at_ += size;
    return found;
  }
  /// Wire types: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes.
  void skip(std::uint64_t tag) {
    // The wire type of a field without a number is none.
    switch (tag >> 3 == 0 ? 7 : tag & 7) {
      case 0:
        varint();
        break;
      case 1:
        step(8);
        break;
      case 2:
        bytes();
        break;
      case 5:
        step(4);
        break;
      default:
        fail();
    }
  }

 private:
  std::uint64_t fail() {
    ok_ = false;
    at_ = end_;
    return 0;
  }
  void step(std::ptrdiff_t size) {
    if (end_ - at_ < size)
      fail();
    else
      at_ += size;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

/// A message of a name (field 1) and a value (field 2), as the labels of Prometheus and Loki are; views of
/// it.
struct WireLabel {
  std::string_view name, value;
  bool ok = true;  ///< false: damaged
};
inline WireLabel read_wire_label(std::string_view message) {
  constexpr std::uint64_t kName = 1 << 3 | 2, kValue = 2 << 3 | 2;
  WireLabel label;
  WireReader reader(message);
  while (reader.more()) {
    const std::uint64_t tag = reader.tag();
    if (tag == kName)
      label.name = reader.bytes();
    else if (tag == kValue)
      label.value = reader.bytes();
    else
      reader.skip(tag);
  }
  label.ok = reader.ok();
  return label;
}

}  // namespace sentinella::codec
