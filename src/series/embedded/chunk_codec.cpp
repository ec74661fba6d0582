#include "series/embedded/chunk_codec.h"

#include <array>
#include <bit>

#include "base/bytes.h"
#include "series/embedded/bit_stream.h"

namespace sentinella::series {
namespace {

/// Scrapes come at whole seconds, milliseconds ...: counted in that unit the differences are small.
constexpr std::array<std::uint64_t, 4> kUnits = {1'000'000'000, 1'000'000, 1'000, 1};

/// How many bits a zigzagged difference of differences takes: n ones and a zero choose the n-th width.
constexpr std::array<unsigned, 6> kWidths = {0, 7, 14, 22, 36, 64};

std::uint64_t bits_of(double value) {
  return std::bit_cast<std::uint64_t>(value);
}
std::uint64_t gap(const Sample& earlier, const Sample& later) {
  return static_cast<std::uint64_t>(later.at.ns) - static_cast<std::uint64_t>(earlier.at.ns);
}
std::uint64_t zigzag(std::uint64_t difference) {
  return difference << 1 ^ (0 - (difference >> 63));
}
std::uint64_t unzigzag(std::uint64_t value) {
  return value >> 1 ^ (0 - (value & 1));
}

std::uint8_t unit_of(std::span<const Sample> samples) {
  std::uint8_t unit = 0;
  for (std::size_t i = 1; i < samples.size(); ++i)
    while (gap(samples[i - 1], samples[i]) % kUnits[unit] != 0) ++unit;
  return unit;
}

void put_time_step(BitWriter& out, std::uint64_t step) {
  const std::uint64_t value = zigzag(step);
  unsigned choice = 0;
  while (kWidths[choice] < 64 && value >> kWidths[choice] != 0) ++choice;
  out.bits(~std::uint64_t{0}, choice);
  if (choice + 1 < kWidths.size()) out.bits(0, 1);
  out.bits(value, kWidths[choice]);
}

std::uint64_t get_time_step(BitReader& in) {
  unsigned choice = 0;
  while (choice + 1 < kWidths.size() && in.bits(1) == 1) ++choice;
  return unzigzag(in.bits(kWidths[choice]));
}

/// The bits of a XOR that were not zero last time.
struct Window {
  unsigned leading = 64;  // 64: none yet
  unsigned length = 0;
  unsigned trailing() const { return 64 - leading - length; }
};

/// 0 = the same value; 10 = differing bits lie in the last window; 11 = a new window: 6 bits of leading
/// zeroes, 6 bits of length - 1.
void put_value(BitWriter& out, std::uint64_t difference, Window& window) {
  if (difference == 0) return out.bits(0, 1);
  const auto leading = static_cast<unsigned>(std::countl_zero(difference));
  const auto trailing = static_cast<unsigned>(std::countr_zero(difference));
  const bool fits = window.leading < 64 && leading >= window.leading && trailing >= window.trailing();
  // A wide old window costs more than the 12 bits that a new one takes.
  if (fits && window.length <= 64 - leading - trailing + 12) {
    out.bits(0b10, 2);
  } else {
    window = {leading, 64 - leading - trailing};
    out.bits(0b11, 2);
    out.bits(window.leading, 6);
    out.bits(window.length - 1, 6);
  }
  out.bits(difference >> window.trailing(), window.length);
}

/// False: the window is impossible.
bool get_value(BitReader& in, std::uint64_t& value, Window& window) {
  if (in.bits(1) == 0) return true;
  if (in.bits(1) == 1) {
    window.leading = static_cast<unsigned>(in.bits(6));
    window.length = static_cast<unsigned>(in.bits(6)) + 1;
  }
  if (window.leading + window.length > 64) return false;
  value ^= in.bits(window.length) << window.trailing();
  return true;
}

std::unexpected<Error> corrupt(std::string_view bytes) {
  return fail(Errc::kCorrupt, "a chunk of {} bytes is damaged", bytes.size());
}

}  // namespace

std::string encode_chunk(std::span<const Sample> samples) {
  std::string out;
  ByteWriter head(out);
  head.varint(samples.size());
  if (samples.empty()) return out;
  const std::uint8_t unit = unit_of(samples);
  head.fixed(unit);
  head.fixed(samples[0].at.ns);
  head.fixed(samples[0].value);
  BitWriter bits(out);
  Window window;
  std::uint64_t last_step = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const std::uint64_t step = gap(samples[i - 1], samples[i]) / kUnits[unit];
    put_time_step(bits, step - last_step);
    last_step = step;
    put_value(bits, bits_of(samples[i].value) ^ bits_of(samples[i - 1].value), window);
  }
  return out;
}

Result<std::vector<Sample>> decode_chunk(std::string_view bytes) {
  ByteReader head(bytes);
  const std::uint64_t count = head.varint();
  std::vector<Sample> samples;
  if (count == 0) return head.ok() && head.at_end() ? Result<std::vector<Sample>>(samples) : corrupt(bytes);
  const auto unit = head.fixed<std::uint8_t>();
  Sample sample;
  sample.at.ns = head.fixed<std::int64_t>();
  sample.value = head.fixed<double>();
  BitReader bits(head.rest());
  if (!head.ok() || unit >= kUnits.size() || count - 1 > bits.left() / 2) return corrupt(bytes);
  samples.reserve(count);
  samples.push_back(sample);
  Window window;
  std::uint64_t step = 0, value = bits_of(sample.value);
  while (samples.size() < count) {
    step += get_time_step(bits);
    const Time before = sample.at;
    sample.at.ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(before.ns) + step * kUnits[unit]);
    if (!get_value(bits, value, window) || !bits.ok() || sample.at <= before) return corrupt(bytes);
    sample.value = std::bit_cast<double>(value);
    samples.push_back(sample);
  }
  if (bits.left() >= 8) return corrupt(bytes);
  return samples;
}

}  // namespace sentinella::series
