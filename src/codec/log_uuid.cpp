#include "codec/log_uuid.h"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "codec/log_scan.h"
#include "codec/uuid_digits.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kLength = 36;
constexpr std::size_t kFirstDash = 8;

using Bytes16 = unsigned char __attribute__((vector_size(16)));

bool is_alphanumeric(char c) {
  const char letter = static_cast<char>(c | 0x20);
  return is_digit(c) || (letter >= 'a' && letter <= 'z');
}

/// `dash` is where the first dash of a UUID would be.
void consider(std::string_view text, std::size_t dash, std::vector<Uuid>& out) {
  if (dash < kFirstDash) return;
  const std::size_t begin = dash - kFirstDash;
  if (text.size() - begin < kLength) return;
  if (begin > 0 && is_alphanumeric(text[begin - 1])) return;
  if (begin + kLength < text.size() && is_alphanumeric(text[begin + kLength])) return;
  char bytes[16];
  if (!read_dashed_digits(text.data() + begin, DigitCase::either, bytes)) return;
  std::memcpy(out.emplace_back().bytes.data(), bytes, sizeof bytes);
}

Bytes16 dashes(const char* at) {
  Bytes16 bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return reinterpret_cast<Bytes16>(bytes == '-');
}

#if defined(__x86_64__)

[[gnu::target("avx2")]] inline __m256i wide_dashes(const char* at) {
  return _mm256_cmpeq_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)), _mm256_set1_epi8('-'));
}

/// Looks at 32 places at once, as far as there are so many, and tells where it ended.
[[gnu::target("avx2")]] std::size_t scan_wide(std::string_view text, std::size_t at, std::vector<Uuid>& out) {
  const char* const data = text.data();
  for (; at + 47 <= text.size(); at += 32) {
    const __m256i outer = _mm256_and_si256(wide_dashes(data + at), wide_dashes(data + at + 15));
    if (_mm256_testz_si256(outer, outer)) continue;
    const __m256i inner = _mm256_and_si256(wide_dashes(data + at + 5), wide_dashes(data + at + 10));
    auto left = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_and_si256(outer, inner)));
    for (; left != 0; left &= left - 1)
      consider(text, at + static_cast<std::size_t>(std::countr_zero(left)), out);
  }
  return at;
}

const bool kWide = __builtin_cpu_supports("avx2");

#else

constexpr bool kWide = false;
std::size_t scan_wide(std::string_view, std::size_t at, std::vector<Uuid>&) {
  return at;
}

#endif

}  // namespace

void scan_uuids(std::string_view text, std::vector<Uuid>& out) {
  if (text.size() < kLength) return;
  const char* const data = text.data();
  std::size_t at = kWide ? scan_wide(text, kFirstDash, out) : kFirstDash;
  // 16 places at once: a first dash with the three others 5, 10 and 15 bytes on.
  for (; at + 31 <= text.size(); at += 16) {
    const Bytes16 outer = dashes(data + at) & dashes(data + at + 15);
    std::uint64_t halves[2];
    std::memcpy(halves, &outer, sizeof halves);
    if ((halves[0] | halves[1]) == 0) continue;
    const Bytes16 all = outer & dashes(data + at + 5) & dashes(data + at + 10);
    std::memcpy(halves, &all, sizeof halves);
    for (std::size_t half = 0; half < 2; ++half)
      for (std::uint64_t left = halves[half]; left != 0;) {
        const auto byte = static_cast<std::size_t>(std::countr_zero(left)) / 8;
        consider(text, at + half * 8 + byte, out);
        left &= ~(std::uint64_t{0xff} << byte * 8);
      }
  }
  for (; at + 28 <= text.size(); ++at)
    if (data[at] == '-' && data[at + 5] == '-' && data[at + 10] == '-' && data[at + 15] == '-')
      consider(text, at, out);
}

}  // namespace sentinella::codec
