#include "codec/log_uuid.h"

#include <array>
#include <cstring>

#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kLength = 36;
constexpr std::size_t kFirstDash = 8;

using Bytes16 = unsigned char __attribute__((vector_size(16)));

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  for (int c = 0; c < 256; ++c) {
    const char letter = static_cast<char>(c | 0x20);
    digits[c] = is_digit(static_cast<char>(c))              ? static_cast<std::uint8_t>(c - '0')
                : letter >= 'a' && letter <= 'f' && c < 128 ? static_cast<std::uint8_t>(letter - 'a' + 10)
                                                            : 0xff;
  }
  return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = make_digits();

bool is_alphanumeric(char c) {
  const char letter = static_cast<char>(c | 0x20);
  return is_digit(c) || (letter >= 'a' && letter <= 'z');
}

/// The dashes are known to be where they must.
bool decode(const char* text, Uuid& out) {
  constexpr std::array<std::uint8_t, 16> kPairs = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
  unsigned bad = 0;
  for (std::size_t i = 0; i < kPairs.size(); ++i) {
    const unsigned high = kDigits[static_cast<unsigned char>(text[kPairs[i]])];
    const unsigned low = kDigits[static_cast<unsigned char>(text[kPairs[i] + 1])];
    bad |= high | low;
    out.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return (bad & 0xf0) == 0;
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
