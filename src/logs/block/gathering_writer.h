// Many small numbers into a text: gathered, because to append each would cost more than to write it.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace sentinella::logs {

inline constexpr std::size_t kMaxVarint = 10;

/// LEB128, as ByteWriter's. `out` has room for kMaxVarint; the end is the answer.
inline char* write_varint(char* out, std::uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

/// Writes what ByteWriter writes; the last of it when it is destroyed.
class GatheringWriter {
 public:
  explicit GatheringWriter(std::string& out) : out_(out) {}
  GatheringWriter(const GatheringWriter&) = delete;
  GatheringWriter& operator=(const GatheringWriter&) = delete;
  ~GatheringWriter() { flush(); }

  void varint(std::uint64_t value) {
    make_room(kMaxVarint);
    end_ = write_varint(end_, value);
  }
  template <typename T>
    requires std::is_trivially_copyable_v<T>
  void fixed(T value) {
    static_assert(sizeof value <= kMaxVarint);
    make_room(sizeof value);
    std::memcpy(end_, &value, sizeof value);
    end_ += sizeof value;
  }
  /// Length, then the bytes.
  void text(std::string_view value) {
    varint(value.size());
    bytes(value);
  }
  void bytes(std::string_view value) {
    flush();
    out_.append(value);
  }

 private:
  void make_room(std::size_t size) {
    if (buffer_.data() + buffer_.size() - end_ < static_cast<std::ptrdiff_t>(size)) flush();
  }
  void flush() {
    out_.append(buffer_.data(), static_cast<std::size_t>(end_ - buffer_.data()));
    end_ = buffer_.data();
  }

  std::string& out_;
  std::array<char, 128> buffer_;
  char* end_ = buffer_.data();
};

}  // namespace sentinella::logs
