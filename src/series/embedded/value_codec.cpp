#include "series/embedded/value_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "model/staleness.h"
#include "series/embedded/column_codec.h"
#include "series/embedded/integers.h"
#include "series/embedded/wide_cpu.h"

namespace sentinella::series {
namespace {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

constexpr unsigned kMaxExponent = 15;
constexpr std::array<double, kMaxExponent + 1> kPowers = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                          1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr double kExact = 9'007'199'254'740'992.0;  // 2^53: doubles below are integers without gaps
constexpr double kRounder =
    6'755'399'441'055'744.0;  // 1.5 * 2^52: added and taken away, it rounds below 2^51
constexpr double kRoundable = 2'251'799'813'685'248.0;  // 2^51

/// The head's first byte: the exponent below, then these.
constexpr std::uint8_t kBits = 16, kExceptions = 32, kSummary = 64, kMonotone = 128;
/// A smaller column is decoded sooner than its summary is worth the bytes.
constexpr std::size_t kSummaryFrom = 128;

std::uint64_t bits_of(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

// ---- decimals

/// value = number / 10^exponent, to the bit.
bool to_decimal(double value, unsigned exponent, std::int64_t& number) {
  if (exponent == 0) {
    if (!(std::abs(value) < kExact)) return false;
    number = static_cast<std::int64_t>(value);
    return bits_of(static_cast<double>(number)) == bits_of(value);
  }
  const double scaled = value * kPowers[exponent];
  if (!(std::abs(scaled) < kRoundable)) return false;
  const double rounded = scaled + kRounder - kRounder;
  number = static_cast<std::int64_t>(rounded);
  return bits_of(rounded / kPowers[exponent]) == bits_of(value);
}

/// kMaxExponent + 1: it is no decimal.
unsigned exponent_of(double value) {
  unsigned exponent = 0;
  for (std::int64_t number; exponent <= kMaxExponent && !to_decimal(value, exponent, number);) ++exponent;
  return exponent;
}

struct Decimals {
  unsigned exponent = 0;
  std::vector<std::uint64_t> numbers;
  std::vector<std::uint32_t> exceptions;  ///< places of what is no decimal; its number repeats a neighbour's
};

Decimals to_decimals(std::span<const double> values, unsigned exponent) {
  Decimals result{exponent, std::vector<std::uint64_t>(values.size()), {}};
  std::int64_t number = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::int64_t candidate = 0;
    if (to_decimal(values[i], exponent, candidate))
      number = candidate;
    else
      result.exceptions.push_back(static_cast<std::uint32_t>(i));
    result.numbers[i] = static_cast<std::uint64_t>(number);
  }
  std::size_t leading = 0;
  while (leading < result.exceptions.size() && result.exceptions[leading] == leading) ++leading;
  if (leading < values.size()) std::fill_n(result.numbers.begin(), leading, result.numbers[leading]);
  return result;
}

/// What most of a few values need; nullopt: they are no decimals.
std::optional<unsigned> guess_exponent(std::span<const double> values) {
  std::array<unsigned, 15> needs;
  const std::size_t count = std::min(needs.size(), values.size());
  for (std::size_t i = 0; i < count; ++i) needs[i] = exponent_of(values[i * values.size() / count]);
  std::ranges::sort(needs.begin(), needs.begin() + count);
  const unsigned need = needs[count / 2];
  if (need > kMaxExponent) return std::nullopt;
  return need;
}

/// The greatest exponent that one of the first few exceptions needs and can have.
unsigned needed_by_exceptions(std::span<const double> values, const Decimals& decimals) {
  unsigned needed = decimals.exponent;
  for (std::size_t i = 0; i < std::min<std::size_t>(decimals.exceptions.size(), 8); ++i)
    if (const unsigned own = exponent_of(values[decimals.exceptions[i]]); own <= kMaxExponent)
      needed = std::max(needed, own);
  return needed;
}

/// nullopt: the bit patterns serve better.
std::optional<Decimals> find_decimals(std::span<const double> values) {
  const auto guess = guess_exponent(values);
  if (!guess) return std::nullopt;
  Decimals decimals = to_decimals(values, *guess);
  while (!decimals.exceptions.empty()) {
    // An exception takes some nine bytes, a digit more 3.3 bits for each number.
    const unsigned needed = needed_by_exceptions(values, decimals);
    if (static_cast<double>(decimals.exceptions.size()) * 72 <=
        static_cast<double>(values.size()) * 3.3 * (needed - decimals.exponent))
      break;
    if (needed == decimals.exponent) break;
    Decimals longer = to_decimals(values, needed);
    if (longer.exceptions.size() >= decimals.exceptions.size()) break;
    decimals = std::move(longer);
  }
  if (decimals.exceptions.size() * 8 > values.size()) return std::nullopt;
  return decimals;
}

void write_exceptions(std::span<const double> values, const Decimals& decimals, std::string& out) {
  const bool all_stale = std::ranges::all_of(
      decimals.exceptions, [&](std::uint32_t place) { return bits_of(values[place]) == kStaleBits; });
  ByteWriter writer(out);
  writer.varint(decimals.exceptions.size() << 1 | (all_stale ? 1 : 0));
  std::uint32_t last = 0;
  for (const std::uint32_t place : decimals.exceptions) {
    writer.varint(place - last);
    if (!all_stale) writer.fixed(values[place]);
    last = place;
  }
}

bool read_exceptions(ByteReader& in, std::span<double> values) {
  const std::uint64_t counted = in.varint();
  std::uint64_t place = 0;
  if (counted >> 1 > values.size()) return false;
  for (std::uint64_t i = 0; i < counted >> 1; ++i) {
    const std::uint64_t gap = in.varint();
    if (gap >= values.size() - place) return false;
    place += gap;
    values[place] = counted & 1 ? std::bit_cast<double>(kStaleBits) : in.fixed<double>();
  }
  return in.ok();
}

// ---- the summary of decimals: integers, relative to the first

struct Sums {
  std::int64_t last = 0, min = 0, max = 0;  ///< less the first
  Int128 sum = 0;
  UInt128 squares = 0;
};

Sums sums_of(std::span<const std::uint64_t> numbers) {
  Sums sums;
  for (const std::uint64_t number : numbers) {
    const auto distance = static_cast<std::int64_t>(number - numbers[0]);
    sums.min = std::min(sums.min, distance);
    sums.max = std::max(sums.max, distance);
    sums.sum += distance;
    sums.squares += static_cast<UInt128>(static_cast<Int128>(distance) * distance);
  }
  sums.last = static_cast<std::int64_t>(numbers.back() - numbers[0]);
  return sums;
}

bool is_monotone(const Sums& sums) {
  return (sums.min == 0 && sums.max == sums.last) || (sums.max == 0 && sums.min == sums.last);
}

/// False: they are too great.
bool write_sums(const Sums& sums, std::string& out) {
  if (sums.sum > INT64_MAX || sums.sum < INT64_MIN) return false;
  ByteWriter writer(out);
  writer.svarint(sums.last);
  if (!is_monotone(sums)) {
    writer.varint(static_cast<std::uint64_t>(-sums.min));
    writer.varint(static_cast<std::uint64_t>(sums.max));
  }
  writer.svarint(static_cast<std::int64_t>(sums.sum));
  // Above 56 bits a double is shorter, and as good as the sum that it goes into.
  if (sums.squares >> 56 == 0)
    writer.varint(static_cast<std::uint64_t>(sums.squares) << 1);
  else {
    writer.varint(1);
    writer.fixed(static_cast<double>(sums.squares));
  }
  return true;
}

bool read_sums(ByteReader& in, std::size_t count, bool monotone, ValueHead& head) {
  const std::int64_t last = in.svarint();
  std::int64_t min = std::min<std::int64_t>(last, 0), max = std::max<std::int64_t>(last, 0);
  if (!monotone) {
    min = static_cast<std::int64_t>(0 - in.varint());
    max = static_cast<std::int64_t>(in.varint());
  }
  const std::int64_t sum = in.svarint();
  const std::uint64_t coded = in.varint();
  const double squares = coded & 1 ? in.fixed<double>() : static_cast<double>(coded >> 1);

  const double power = kPowers[head.exponent];
  const auto base = static_cast<std::int64_t>(head.base);
  const auto value = [&](std::int64_t distance) {
    return static_cast<double>(static_cast<std::int64_t>(head.base + static_cast<std::uint64_t>(distance))) /
           power;
  };
  const auto total = static_cast<Int128>(base) * static_cast<Int128>(count) + sum;
  const auto all = static_cast<double>(count);
  const auto origin = static_cast<double>(base);
  head.summary = {value(0),
                  value(last),
                  value(min),
                  value(max),
                  static_cast<double>(total) / power,
                  (all * origin * origin + 2 * origin * static_cast<double>(sum) + squares) / power / power,
                  0,
                  false};
  return in.ok();
}

void write_plain_summary(const ValueSummary& summary, std::string& out) {
  ByteWriter writer(out);
  for (const double part : {summary.last, summary.min, summary.max, summary.sum, summary.sum_of_squares})
    writer.fixed(part);
}

void read_plain_summary(ByteReader& in, ValueHead& head) {
  head.summary.first = std::bit_cast<double>(head.base);
  for (double* part : {&head.summary.last, &head.summary.min, &head.summary.max, &head.summary.sum,
                       &head.summary.sum_of_squares})
    *part = in.fixed<double>();
}

std::string column_of(std::span<const std::uint64_t> numbers) {
  std::vector<std::uint64_t> relative(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) relative[i] = numbers[i] - numbers[0];
  std::string column;
  encode_column(relative, column);
  return column;
}

std::string write_decimals(std::span<const double> values, const Decimals& decimals, std::string& out) {
  std::string column = column_of(decimals.numbers), summary;
  auto flags = static_cast<std::uint8_t>(decimals.exponent);
  if (!decimals.exceptions.empty()) {
    flags |= kExceptions;
    write_exceptions(values, decimals, column);
  } else if (column.size() >= kSummaryFrom) {
    const Sums sums = sums_of(decimals.numbers);
    if (write_sums(sums, summary))
      flags |= static_cast<std::uint8_t>(is_monotone(sums) ? kSummary | kMonotone : kSummary);
  }
  ByteWriter writer(out);
  writer.fixed(flags);
  writer.svarint(static_cast<std::int64_t>(decimals.numbers[0]));
  out += summary;
  return column;
}

std::string write_bits(std::span<const double> values, std::string& out) {
  std::vector<std::uint64_t> numbers(values.size());
  std::ranges::transform(values, numbers.begin(), bits_of);
  std::string column = column_of(numbers);
  const ValueSummary summary = summarise(values);
  const bool has_summary = column.size() >= kSummaryFrom && summary.stale == 0 && !summary.has_nan;
  ByteWriter writer(out);
  writer.fixed(static_cast<std::uint8_t>(has_summary ? kBits | kSummary : kBits));
  writer.fixed(numbers[0]);
  if (has_summary) write_plain_summary(summary, out);
  return column;
}

/// values[i] / power, correctly rounded. With a fused multiply-add a quotient that the reciprocal gives is
/// mended to the very result of a division (P. Markstein, "Computation of elementary functions on the IBM
/// RISC System/6000 processor", 1990, theorem 8), several times as fast.
template <bool kFused>
void divide(std::span<double> values, double power) {
  if (power == 1) return;
  const double reciprocal = 1 / power;
  for (double& value : values) {
    if constexpr (kFused) {
      const double quotient = value * reciprocal;
      value = __builtin_fma(__builtin_fma(-quotient, power, value), reciprocal, quotient);
    } else {
      value /= power;
    }
  }
}

/// base, base + step ...: as doubles, which below 2^53 count exactly, and many at once.
bool fill_line(std::span<double> values, std::uint64_t base, std::uint64_t step) {
  const auto first = static_cast<double>(static_cast<std::int64_t>(base));
  const auto by = static_cast<double>(static_cast<std::int64_t>(step));
  const auto count = static_cast<double>(values.size());
  if (std::abs(first) + std::abs(by) * count >= kExact) return false;
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = first + by * static_cast<double>(static_cast<std::int32_t>(i));
  return true;
}

/// base + numbers[i] as doubles.
void convert(std::span<const std::uint64_t> numbers, std::uint64_t base, std::span<double> values) {
  // Added to the bits of 1.5 * 2^52, an integer below 2^51 is its mantissa.
  const std::uint64_t offset = bits_of(kRounder) + base;
  std::uint64_t outside = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint64_t bits = numbers[i] + offset;
    outside |= bits ^ bits_of(kRounder);
    values[i] = std::bit_cast<double>(bits) - kRounder;
  }
  // The sign bit of a mantissa's range may differ, nothing above.
  if (outside >> 52 == 0) return;
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(static_cast<std::int64_t>(base + numbers[i]));
}

template <bool kFused>
bool read_values(ByteReader& in, const ValueHead& head, std::span<double> values) {
  const double power = kPowers[head.exponent];
  const auto line = take_line(in, values.size());
  if (line && head.decimal && fill_line(values, head.base, *line)) {
    divide<kFused>(values, power);
    return !head.has_exceptions || read_exceptions(in, values);
  }
  const auto scratch = std::make_unique_for_overwrite<std::uint64_t[]>(values.size());
  const std::span numbers(scratch.get(), values.size());
  if (line)
    for (std::size_t i = 0; i < values.size(); ++i) numbers[i] = i * *line;
  else if (!decode_column(in, numbers))
    return false;
  if (!head.decimal) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::bit_cast<double>(head.base + numbers[i]);
    return true;
  }
  convert(numbers, head.base, values);
  divide<kFused>(values, power);
  return !head.has_exceptions || read_exceptions(in, values);
}

SENT_WIDE bool read_values_wide(ByteReader& in, const ValueHead& head, std::span<double> values) {
  return read_values<true>(in, head, values);
}

}  // namespace

ValueSummary summarise(std::span<const double> values) {
  // Four of each in turn, or every addition would wait for the one before.
  constexpr std::size_t kLanes = 4;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::array<double, kLanes> sums{}, squares{}, lowest, highest;
  lowest.fill(kInfinity);
  highest.fill(-kInfinity);
  std::uint32_t stale = 0, not_numbers = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_stale = bits_of(values[i]) == kStaleBits;
    const double value = values[i], counted = is_stale ? 0 : value;
    const std::size_t lane = i % kLanes;
    stale += is_stale;
    not_numbers += std::isnan(value);
    sums[lane] += counted;
    squares[lane] += counted * counted;
    lowest[lane] = value < lowest[lane] ? value : lowest[lane];
    highest[lane] = value > highest[lane] ? value : highest[lane];
  }
  const bool none = not_numbers == values.size();
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  return {values.front(),
          values.back(),
          none ? kNone : *std::ranges::min_element(lowest),
          none ? kNone : *std::ranges::max_element(highest),
          sums[0] + sums[1] + (sums[2] + sums[3]),
          squares[0] + squares[1] + (squares[2] + squares[3]),
          stale,
          not_numbers > stale};
}

std::string write_value_head(std::span<const double> values, std::string& out) {
  if (const auto decimals = find_decimals(values)) return write_decimals(values, *decimals, out);
  return write_bits(values, out);
}

bool read_value_head(ByteReader& in, std::size_t count, ValueHead& head) {
  const auto flags = in.fixed<std::uint8_t>();
  head.decimal = (flags & kBits) == 0;
  head.has_exceptions = (flags & kExceptions) != 0;
  head.has_summary = (flags & kSummary) != 0;
  head.exponent = flags & 15;
  if (!head.decimal && (flags & ~(kBits | kSummary)) != 0) return false;
  head.base = head.decimal ? static_cast<std::uint64_t>(in.svarint()) : in.fixed<std::uint64_t>();
  if (!head.has_summary) return in.ok() && (flags & kMonotone) == 0;
  if (head.decimal) return !head.has_exceptions && read_sums(in, count, (flags & kMonotone) != 0, head);
  read_plain_summary(in, head);
  return in.ok();
}

bool read_value_column(ByteReader& in, const ValueHead& head, std::span<double> values) {
  return has_wide_cpu() ? read_values_wide(in, head, values) : read_values<false>(in, head, values);
}

}  // namespace sentinella::series
