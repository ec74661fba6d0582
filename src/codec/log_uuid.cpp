#include "codec/log_uuid.h"

#include <array>
#include <cstring>

#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kLength = 36;
constexpr std::size_t kFirstDash = 8;

using Bytes16 = unsigned char __attribute__((vector_size(16)));

bool is_alphanumeric(char c) {
  const char letter = static_cast<char>(c | 0x20);
  return is_digit(c) || (letter >= 'a' && letter <= 'z');
}

/// All bits of each byte of `mask` are equal.
bool all_set(const Bytes16& mask) {
  std::uint64_t halves[2];
  std::memcpy(halves, &mask, sizeof halves);
  return (halves[0] & halves[1]) == ~std::uint64_t{0};
}

/// 16 hexadecimal digits as numbers; false when one is none.
bool digits(const char* text, Bytes16& out) {
  Bytes16 bytes;
  std::memcpy(&bytes, text, sizeof bytes);
  const Bytes16 lower = bytes | 0x20;
  const Bytes16 decimal = reinterpret_cast<Bytes16>(bytes - '0' <= 9);
  const Bytes16 letter = reinterpret_cast<Bytes16>(lower - 'a' <= 5);
  out = (bytes & 0x0f) + (letter & 9);
  return all_set(decimal | letter);
}

/// The dashes are known to be where they must.
bool decode(const char* text, Uuid& out) {
  char hex[32];
  std::memcpy(hex, text, 8);
  std::memcpy(hex + 8, text + 9, 4);
  std::memcpy(hex + 12, text + 14, 4);
  std::memcpy(hex + 16, text + 19, 4);
  std::memcpy(hex + 20, text + 24, 12);
  for (std::size_t half = 0; half < 2; ++half) {
    Bytes16 values;
    if (!digits(hex + half * 16, values)) return false;
    for (std::size_t i = 0; i < 8; ++i)
      out.bytes[half * 8 + i] = static_cast<std::uint8_t>(values[2 * i] << 4 | values[2 * i + 1]);
  }
  return true;
}

/// `dash` is where the first dash of a UUID would be.
void consider(std::string_view text, std::size_t dash, std::vector<Uuid>& out) {
  if (dash < kFirstDash) return;
  const std::size_t begin = dash - kFirstDash;
  if (text.size() - begin < kLength) return;
  if (begin > 0 && is_alphanumeric(text[begin - 1])) return;
  if (begin + kLength < text.size() && is_alphanumeric(text[begin + kLength])) return;
  Uuid id;
  if (decode(text.data() + begin, id)) out.push_back(id);
}

Bytes16 dashes(const char* at) {
  Bytes16 bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return reinterpret_cast<Bytes16>(bytes == '-');
}

}  // namespace

void scan_uuids(std::string_view text, std::vector<Uuid>& out) {
  if (text.size() < kLength) return;
  const char* const data = text.data();
  std::size_t at = kFirstDash;
  // 16 places at once: a first dash with the three others 5, 10 and 15 bytes on.
  for (; at + 31 <= text.size(); at += 16) {
    const Bytes16 all =
        dashes(data + at) & dashes(data + at + 5) & dashes(data + at + 10) & dashes(data + at + 15);
    std::uint64_t halves[2];
    std::memcpy(halves, &all, sizeof halves);
    if ((halves[0] | halves[1]) == 0) continue;
    for (std::size_t i = 0; i < 16; ++i)
      if (all[i] != 0) consider(text, at + i, out);
  }
  for (; at + 28 <= text.size(); ++at)
    if (data[at] == '-' && data[at + 5] == '-' && data[at + 10] == '-' && data[at + 15] == '-')
      consider(text, at, out);
}

}  // namespace sentinella::codec
