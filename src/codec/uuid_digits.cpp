#include "codec/uuid_digits.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sentinella::codec {
namespace {

bool has_dashes(const char* text) {
  return text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
}

/// 16 digits as 8 bytes.
bool read_half(const char* text, DigitCase digits, char* out) {
  using Bytes16 = unsigned char __attribute__((vector_size(16)));
  using Pairs = std::uint16_t __attribute__((vector_size(16)));
  using Bytes8 = unsigned char __attribute__((vector_size(8)));
  Bytes16 bytes;
  std::memcpy(&bytes, text, sizeof bytes);
  const Bytes16 folded = digits == DigitCase::either ? bytes | 0x20 : bytes;
  const Bytes16 decimal = reinterpret_cast<Bytes16>(bytes - '0' <= 9);
  const Bytes16 letter = reinterpret_cast<Bytes16>(folded - 'a' <= 5);
  const Bytes16 known = decimal | letter;
  std::uint64_t halves[2];
  std::memcpy(halves, &known, sizeof halves);
  const Bytes16 values = (bytes & 0x0f) + (letter & 9);
  Pairs pairs;
  std::memcpy(&pairs, &values, sizeof pairs);
  // The first digit of a pair is the lower byte of its lane.
  const Bytes8 joined = __builtin_convertvector((pairs << 4 | pairs >> 8) & 0xff, Bytes8);
  std::memcpy(out, &joined, sizeof joined);
  return (halves[0] & halves[1]) == ~std::uint64_t{0};
}

bool read_portable(const char* text, DigitCase digits, char* out) {
  return read_half(text, digits, out) && read_half(text + 16, digits, out + 8);
}

#if defined(__x86_64__)

const bool kWideDigits = __builtin_cpu_supports("avx2");

/// All 32 digits in one register.
[[gnu::target("avx2")]] inline bool read_all(__m256i bytes, DigitCase digits, char* out) {
  const __m256i fold = _mm256_set1_epi8(digits == DigitCase::either ? 0x20 : 0);
  const __m256i decimal = _mm256_sub_epi8(bytes, _mm256_set1_epi8('0'));
  const __m256i letter = _mm256_sub_epi8(_mm256_or_si256(bytes, fold), _mm256_set1_epi8('a'));
  const __m256i is_decimal = _mm256_cmpeq_epi8(_mm256_min_epu8(decimal, _mm256_set1_epi8(9)), decimal);
  const __m256i is_letter = _mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(5)), letter);
  if (_mm256_movemask_epi8(_mm256_or_si256(is_decimal, is_letter)) != -1) return false;
  const __m256i values = _mm256_add_epi8(_mm256_and_si256(bytes, _mm256_set1_epi8(0x0f)),
                                         _mm256_and_si256(is_letter, _mm256_set1_epi8(9)));
  // The first digit of a pair counts 16.
  const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi16(0x0110));
  const __m128i joined = _mm_packus_epi16(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), joined);
  return true;
}

[[gnu::target("avx2")]] bool read_32_wide(const char* text, DigitCase digits, char* out) {
  return read_all(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(text)), digits, out);
}

[[gnu::target("avx2")]] bool read_dashed_wide(const char* text, DigitCase digits, char* out) {
  const __m128i begin = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text)),
                middle = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + 10)),
                end = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + 20));
  // 0 to 7, 9 to 12, 14, 15 of the beginning, 16 and 17 (6 and 7 of the middle); -1 takes nothing.
  const __m128i first = _mm_or_si128(
      _mm_shuffle_epi8(begin, _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, -1, -1)),
      _mm_shuffle_epi8(middle, _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 6, 7)));
  // 19 (9 of the middle), 20 to 22 and 24 to 35 (0 to 2 and 4 to 15 of the end).
  const __m128i second = _mm_or_si128(
      _mm_shuffle_epi8(middle, _mm_setr_epi8(9, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1)),
      _mm_shuffle_epi8(end, _mm_setr_epi8(-1, 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)));
  return read_all(_mm256_set_m128i(second, first), digits, out);
}

#endif

}  // namespace

bool read_32_digits(const char* text, DigitCase digits, char* out) {
#if defined(__x86_64__)
  if (kWideDigits) return read_32_wide(text, digits, out);
#endif
  return read_portable(text, digits, out);
}

bool read_dashed_digits(const char* text, DigitCase digits, char* out) {
  if (!has_dashes(text)) return false;
#if defined(__x86_64__)
  if (kWideDigits) return read_dashed_wide(text, digits, out);
#endif
  char joined[32];
  std::memcpy(joined, text, 8);
  std::memcpy(joined + 8, text + 9, 4);
  std::memcpy(joined + 12, text + 14, 4);
  std::memcpy(joined + 16, text + 19, 4);
  std::memcpy(joined + 20, text + 24, 12);
  return read_portable(joined, digits, out);
}

}  // namespace sentinella::codec
