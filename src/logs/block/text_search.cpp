#include "logs/block/text_search.h"

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sentinella::logs {
namespace {

constexpr char lowered(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

struct Exactly {
  static bool same(const char* text, const char* needle, std::size_t size) {
    return std::memcmp(text, needle, size) == 0;
  }
  /// Whether the byte may be found as another.
  static char other(char c) { return c; }
};

struct IgnoringCase {
  static bool same(const char* text, const char* lower, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      if (lowered(text[i]) != lower[i]) return false;
    return true;
  }
  static char other(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
};

/// Looks for the first and the last byte of the needle at their distance in 16 places at once ("generic SIMD"
/// of Wojciech Mula, 0x80.pl/articles/simd-strfind.html), and compares only where both are.
template <typename Matching>
std::size_t find(std::string_view text, std::string_view needle, std::size_t from) {
  if (from > text.size() || needle.size() > text.size() - from) return std::string_view::npos;
  if (needle.empty()) return from;
  std::size_t at = from;
  const std::size_t last = needle.size() - 1;
#if defined(__SSE2__)
  const __m128i first_a = _mm_set1_epi8(needle.front()),
                first_b = _mm_set1_epi8(Matching::other(needle.front()));
  const __m128i last_a = _mm_set1_epi8(needle.back()), last_b = _mm_set1_epi8(Matching::other(needle.back()));
  for (; at + last + 16 <= text.size(); at += 16) {
    const __m128i begin = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i end = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at + last));
    const __m128i begins = _mm_or_si128(_mm_cmpeq_epi8(begin, first_a), _mm_cmpeq_epi8(begin, first_b));
    const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(end, last_a), _mm_cmpeq_epi8(end, last_b));
    auto places = static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(begins, ends)));
    for (; places != 0; places &= places - 1) {
      const std::size_t here = at + static_cast<std::size_t>(std::countr_zero(places));
      if (Matching::same(text.data() + here, needle.data(), needle.size())) return here;
    }
  }
#endif
  for (; at + last < text.size(); ++at)
    if (Matching::same(text.data() + at, needle.data(), needle.size())) return at;
  return std::string_view::npos;
}

}  // namespace

std::size_t find_text(std::string_view haystack, std::string_view needle, std::size_t from) {
  return find<Exactly>(haystack, needle, from);
}

std::size_t find_ignoring_case(std::string_view text, std::string_view lower, std::size_t from) {
  return find<IgnoringCase>(text, lower, from);
}

void append_lower(std::string& out, std::string_view text) {
  const std::size_t had = out.size();
  out.append(text);
  for (std::size_t i = had; i < out.size(); ++i) out[i] = lowered(out[i]);
}

}  // namespace sentinella::logs
