#include "codec/log_bits.h"

#include <cstring>

#include "codec/message_bytes.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kBlock = 64;
/// More blocks than this (of a message of 4 MB) are not kept for the next message.
constexpr std::size_t kKeptBlocks = 1u << 16;

struct RawBits {
  MessageBits known;  ///< interest: of single bytes only
  std::uint64_t blank = 0, q = 0, dash = 0, hex_letter = 0;
};

RawBits classify_portable(const char* at) {
  RawBits out;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const char c = at[i];
    const char lower = static_cast<char>(c | 0x20);
    const std::uint64_t bit = std::uint64_t{1} << i;
    const MessageByte kind = message_byte(c);
    const bool blank = kind == MessageByte::blank, quote = kind == MessageByte::quote;
    const bool digit = c >= '0' && c <= '9';
    if (digit || c == '/' || quote || (blank && c != ' ')) out.known.interest |= bit;
    if (kind != MessageByte::word) out.known.breaks |= bit;
    if (digit) out.known.digits |= bit;
    if (c == '/') out.known.slashes |= bit;
    if (blank) out.blank |= bit;
    if (c == 'q') out.q |= bit;
    if (c == '-') out.dash |= bit;
    if (lower >= 'a' && lower <= 'f') out.hex_letter |= bit;
  }
  return out;
}

#if defined(__x86_64__)

[[gnu::target("avx2")]] inline std::uint64_t hex_letters(__m256i bytes) {
  const __m256i letter = _mm256_sub_epi8(_mm256_or_si256(bytes, wide::all(0x20)), wide::all('a'));
  return wide::bits_of(_mm256_cmpeq_epi8(_mm256_min_epu8(letter, wide::all(5)), letter));
}

[[gnu::target("avx2")]] RawBits classify_wide(const char* at) {
  constexpr int kInteresting = wide::kOddBlank | wide::kQuote | wide::kSlash | wide::kDigit;
  constexpr int kBlank = wide::kOddBlank | wide::kSpace;
  const __m256i low = wide::load(at), high = wide::load(at + 32);
  const __m256i low_kinds = wide::kinds_of(low), high_kinds = wide::kinds_of(high);
  const auto both = [](std::uint64_t first, std::uint64_t second) { return first | second << 32; };
  RawBits out;
  out.known.interest = both(wide::having(low_kinds, kInteresting), wide::having(high_kinds, kInteresting));
  out.known.breaks = both(wide::breaks_of(low, low_kinds), wide::breaks_of(high, high_kinds));
  out.known.digits = both(wide::digits_of(low_kinds), wide::digits_of(high_kinds));
  out.known.slashes = both(wide::slashes_of(low_kinds), wide::slashes_of(high_kinds));
  out.blank = both(wide::having(low_kinds, kBlank), wide::having(high_kinds, kBlank));
  out.q = both(wide::bits_of(wide::equal(low, 'q')), wide::bits_of(wide::equal(high, 'q')));
  out.dash = both(wide::bits_of(wide::equal(low, '-')), wide::bits_of(wide::equal(high, '-')));
  out.hex_letter = both(hex_letters(low), hex_letters(high));
  return out;
}

const auto kClassify = __builtin_cpu_supports("avx2") ? classify_wide : classify_portable;

#else

constexpr auto kClassify = classify_portable;

#endif

/// Each bit moved to the next higher place, `count` places; those of the block before come in below.
std::uint64_t shifted(std::uint64_t bits_here, std::uint64_t before, int count) {
  return bits_here << count | before >> (64 - count);
}

void drop_low_bits(RawBits& bits, std::size_t count) {
  for (std::uint64_t* part : {&bits.known.interest, &bits.known.breaks, &bits.known.digits,
                              &bits.known.slashes, &bits.blank, &bits.q, &bits.dash, &bits.hex_letter})
    *part >>= count;
}

/// The last bytes of a text, fewer than a block; beyond its end all bits are 0.
RawBits classify_rest(std::string_view text, std::size_t done) {
  const std::size_t size = text.size() - done;
  if (text.size() >= kBlock) {
    RawBits bits = kClassify(text.data() + text.size() - kBlock);
    drop_low_bits(bits, kBlock - size);
    return bits;
  }
  char padded[kBlock] = {};
  std::memcpy(padded, text.data() + done, size);
  return kClassify(padded);
}

}  // namespace

void MessageMap::read(std::string_view text) {
  if (blocks_.size() > kKeptBlocks) blocks_ = {};
  size_ = text.size();
  const std::size_t count = (size_ + kBlock - 1) / kBlock;
  if (blocks_.size() < count) blocks_.resize(count);
  RawBits before;
  std::uint64_t hex2_before = 0, hex4_before = 0;
  for (std::size_t i = 0, done = 0; i < count; ++i, done += kBlock) {
    const RawBits here = size_ - done >= kBlock ? kClassify(text.data() + done) : classify_rest(text, done);
    const std::uint64_t pair = here.blank & shifted(here.blank, before.blank, 1);
    const std::uint64_t request = here.dash & shifted(here.q, before.q, 1);
    const std::uint64_t hex2 = here.hex_letter & shifted(here.hex_letter, before.hex_letter, 1);
    const std::uint64_t hex4 = hex2 & shifted(hex2, hex2_before, 2);
    const std::uint64_t hex8 = hex4 & shifted(hex4, hex4_before, 4);
    blocks_[i] = here.known;
    blocks_[i].interest |= pair | request | hex8;
    before = here;
    hex2_before = hex2, hex4_before = hex4;
  }
}

}  // namespace sentinella::codec
