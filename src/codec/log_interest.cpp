#include "codec/log_interest.h"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sentinella::codec {
namespace {

/// One bit a byte.
struct Classes {
  std::uint64_t interesting = 0;  ///< digits, slashes, quotes, blanks other than the space
  std::uint64_t blank = 0, q = 0, dash = 0, hex_letter = 0;
};

#if defined(__SSE2__)

__m128i in_range(__m128i bytes, char low, char high) {
  const __m128i above = _mm_sub_epi8(bytes, _mm_set1_epi8(low));
  const __m128i limit = _mm_set1_epi8(static_cast<char>(high - low));
  return _mm_cmpeq_epi8(_mm_min_epu8(above, limit), above);
}
__m128i equal(__m128i bytes, char c) {
  return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}
std::uint64_t bits(__m128i mask) {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(mask));
}

Classes classify(const char* at) {
  Classes out;
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i * 16));
    const __m128i odd_blank = in_range(bytes, '\t', '\r');
    const __m128i marks =
        _mm_or_si128(_mm_or_si128(in_range(bytes, '/', '9'), equal(bytes, '\'')), equal(bytes, '"'));
    const __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    out.interesting |= bits(_mm_or_si128(marks, odd_blank)) << (i * 16);
    out.blank |= bits(_mm_or_si128(odd_blank, equal(bytes, ' '))) << (i * 16);
    out.q |= bits(equal(bytes, 'q')) << (i * 16);
    out.dash |= bits(equal(bytes, '-')) << (i * 16);
    out.hex_letter |= bits(in_range(lower, 'a', 'f')) << (i * 16);
  }
  return out;
}

#else

Classes classify(const char* at) {
  Classes out;
  for (int i = 0; i < 64; ++i) {
    const char c = at[i];
    const char lower = static_cast<char>(c | 0x20);
    const bool odd_blank = c >= '\t' && c <= '\r';
    const std::uint64_t bit = std::uint64_t{1} << i;
    if ((c >= '/' && c <= '9') || c == '\'' || c == '"' || odd_blank) out.interesting |= bit;
    if (odd_blank || c == ' ') out.blank |= bit;
    if (c == 'q') out.q |= bit;
    if (c == '-') out.dash |= bit;
    if (lower >= 'a' && lower <= 'f') out.hex_letter |= bit;
  }
  return out;
}

#endif

/// Each bit moved to the next higher place, `count` places; those of the block before come in below.
std::uint64_t shifted(std::uint64_t bits_here, std::uint64_t before, int count) {
  return bits_here << count | before >> (64 - count);
}

}  // namespace

std::uint64_t InterestScanner::scan(std::size_t block) {
  const std::size_t size = text_.size() - block;
  Classes found;
  if (size >= 64) {
    found = classify(text_.data() + block);
  } else {
    char padded[64] = {};
    std::memcpy(padded, text_.data() + block, size);
    found = classify(padded);
  }
  const std::uint64_t pair = found.blank & shifted(found.blank, blanks_, 1);
  const std::uint64_t request = found.dash & shifted(found.q, qs_, 1);
  const std::uint64_t hex2 = found.hex_letter & shifted(found.hex_letter, hex1_, 1);
  const std::uint64_t hex4 = hex2 & shifted(hex2, hex2_, 2);
  const std::uint64_t hex8 = hex4 & shifted(hex4, hex4_, 4);
  blanks_ = found.blank, qs_ = found.q, hex1_ = found.hex_letter, hex2_ = hex2, hex4_ = hex4;
  return found.interesting | pair | request | hex8;
}

std::size_t InterestScanner::next(std::size_t from) {
  if (from >= text_.size()) return std::string_view::npos;
  if (block_ == SIZE_MAX) bits_ = scan(block_ = 0);
  while (true) {
    const std::uint64_t mask = from <= block_        ? ~std::uint64_t{0}
                               : from - block_ >= 64 ? 0
                                                     : ~std::uint64_t{0} << (from - block_);
    if (const std::uint64_t left = bits_ & mask; left != 0)
      return block_ + static_cast<std::size_t>(std::countr_zero(left));
    if (text_.size() - block_ <= 64) return std::string_view::npos;
    block_ += 64;
    bits_ = scan(block_);
  }
}

}  // namespace sentinella::codec
