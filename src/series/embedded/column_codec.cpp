#include "series/embedded/column_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <numeric>
#include <vector>

#include "series/embedded/bit_stream.h"
#include "series/embedded/entropy_codec.h"
#include "series/embedded/integers.h"

namespace sentinella::series {
namespace {

using Column = std::span<const std::uint64_t>;

enum class Packing : std::uint8_t { line, packed, entropy, runs };

/// The first byte of a column.
struct Form {
  Packing packing = Packing::line;
  unsigned order = 0;  ///< residuals are of: 0 the number, 1 the step to it, 2 the change of the step
  bool divided = false;

  std::uint8_t byte() const {
    return static_cast<std::uint8_t>(static_cast<unsigned>(packing) | order << 2 | (divided ? 16u : 0u));
  }
  /// False: no such form.
  bool read(std::uint8_t byte) {
    packing = static_cast<Packing>(byte & 3);
    order = byte >> 2 & 3;
    divided = (byte & 16) != 0;
    return byte < 32 && order < 3;
  }
};

/// Fewer numbers do not repay the table of an entropy code.
constexpr std::size_t kEntropyFrom = 24;

// ---- writing

/// As near the middle as a few numbers tell.
std::uint64_t middle_of(Column numbers) {
  std::array<std::int64_t, 31> some;
  const std::size_t count = std::min(some.size(), numbers.size());
  for (std::size_t i = 0; i < count; ++i)
    some[i] = static_cast<std::int64_t>(numbers[i * numbers.size() / count]);
  std::ranges::nth_element(some.begin(), some.begin() + count / 2, some.begin() + count);
  return static_cast<std::uint64_t>(some[count / 2]);
}

/// Near enough to the bits that residuals around `middle` take, to compare predictions by.
std::uint64_t width_around(Column residuals, std::uint64_t middle) {
  std::uint64_t sum = 0;
  for (const std::uint64_t residual : residuals)
    sum += static_cast<unsigned>(std::bit_width(zigzag(residual - middle)));
  return sum;
}

std::uint64_t magnitude(std::uint64_t value) {
  return value >> 63 ? 0 - value : value;
}

/// What divides every difference from `middle`; 1 if they are all 0.
std::uint64_t divisor_around(Column residuals, std::uint64_t middle) {
  std::uint64_t divisor = 0;
  for (const std::uint64_t residual : residuals) {
    const std::uint64_t size = magnitude(residual - middle);
    if (divisor == 0 || size % divisor != 0) divisor = std::gcd(divisor, size);
    if (divisor == 1) break;
  }
  return std::max<std::uint64_t>(divisor, 1);
}

struct Range {
  std::uint64_t lowest = 0, size = 0;
};
Range range_of(Column numbers) {
  auto lowest = static_cast<std::int64_t>(numbers[0]), highest = lowest;
  for (const std::uint64_t number : numbers) {
    lowest = std::min(lowest, static_cast<std::int64_t>(number));
    highest = std::max(highest, static_cast<std::int64_t>(number));
  }
  const auto from = static_cast<std::uint64_t>(lowest);
  return {from, static_cast<std::uint64_t>(highest) - from};
}

std::vector<std::uint64_t> differences(Column numbers) {
  std::vector<std::uint64_t> result(numbers.size() - 1);
  for (std::size_t i = 1; i < numbers.size(); ++i) result[i - 1] = numbers[i] - numbers[i - 1];
  return result;
}

/// Residuals as zigzagged multiples of the divisor.
std::vector<std::uint64_t> fold(Column residuals, std::uint64_t middle, std::uint64_t divisor) {
  std::vector<std::uint64_t> folded(residuals.size());
  for (std::size_t i = 0; i < residuals.size(); ++i) folded[i] = zigzag(residuals[i] - middle);
  if (divisor > 1)
    for (std::uint64_t& number : folded) {
      const std::uint64_t value = unzigzag(number), multiple = magnitude(value) / divisor;
      number = zigzag(value >> 63 ? 0 - multiple : multiple);
    }
  return folded;
}

void write_residuals(Column residuals, Form form, std::uint64_t first_step, std::string& out) {
  std::uint64_t base = middle_of(residuals);
  const auto [lowest, range] = range_of(residuals);
  // Beyond, differences wrap round and divisibility means nothing.
  const std::uint64_t divisor = range >> 63 ? 1 : divisor_around(residuals, base);
  form.divided = divisor > 1;
  const auto width = static_cast<unsigned>(std::bit_width(range / divisor));
  form.packing = Packing::packed;
  EntropyPlan plan;
  std::vector<std::uint64_t> folded;
  if (residuals.size() >= kEntropyFrom) {
    folded = fold(residuals, base, divisor);
    plan = plan_entropy(folded);
    if (plan.bits < static_cast<double>(residuals.size() * width)) form.packing = Packing::entropy;
  }
  if (form.packing == Packing::packed) base = lowest;

  ByteWriter head(out);
  head.fixed(form.byte());
  if (form.order == 2) head.svarint(static_cast<std::int64_t>(first_step));
  head.svarint(static_cast<std::int64_t>(base));
  if (form.divided) head.varint(divisor);
  if (form.packing == Packing::entropy) return encode_entropy(plan, folded, out);
  head.fixed(static_cast<std::uint8_t>(width));
  BitWriter bits(out);
  for (const std::uint64_t residual : residuals) bits.put((residual - lowest) / divisor, width);
  bits.finish();
}

/// Residuals of the order that needs the fewest bits, packed. `steps` are the column's differences.
void write_plain(Column column, Column steps, std::string& out) {
  const auto changes = differences(steps);
  const Column numbers = column.subspan(1);
  const std::array<std::uint64_t, 3> widths = {
      width_around(numbers, middle_of(numbers)), width_around(steps, middle_of(steps)),
      changes.empty() ? UINT64_MAX : width_around(changes, middle_of(changes))};
  Form form;
  form.order = static_cast<unsigned>(std::ranges::min_element(widths) - widths.begin());
  const std::array<Column, 3> residuals = {numbers, steps, changes};
  write_residuals(residuals[form.order], form, steps[0], out);
}

struct Runs {
  std::vector<std::uint64_t> lengths, values;
};
Runs runs_of(Column numbers) {
  Runs runs;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i == 0 || numbers[i] != numbers[i - 1]) {
      runs.lengths.push_back(0);
      runs.values.push_back(numbers[i]);
    }
    ++runs.lengths.back();
  }
  return runs;
}

std::size_t changes_in(Column numbers) {
  std::size_t changes = 0;
  for (std::size_t i = 1; i < numbers.size(); ++i) changes += numbers[i] != numbers[i - 1];
  return changes;
}

void write_line(std::uint64_t step, std::string& out) {
  ByteWriter head(out);
  head.fixed(Form{}.byte());
  head.svarint(static_cast<std::int64_t>(step));
}

/// A column without runs, whatever its first number.
void write_inner(std::vector<std::uint64_t> numbers, std::string& out) {
  const std::uint64_t first = numbers[0];
  ByteWriter(out).svarint(static_cast<std::int64_t>(first));
  if (numbers.size() == 1) return;
  for (std::uint64_t& number : numbers) number -= first;
  const auto steps = differences(numbers);
  if (changes_in(steps) == 0) return write_line(steps[0], out);
  write_plain(numbers, steps, out);
}

/// `numbers` are the column (order 0) or its steps (order 1).
std::string write_runs(Column numbers, unsigned order) {
  Runs runs = runs_of(numbers);
  std::string out;
  ByteWriter head(out);
  head.fixed(Form{Packing::runs, order, false}.byte());
  head.varint(runs.lengths.size());
  runs.lengths.pop_back();  // the last run reaches to the end
  write_inner(std::move(runs.lengths), out);
  write_inner(std::move(runs.values), out);
  return out;
}

// ---- reading

/// Column numbers out of residuals, in place. The first `order` residuals are the caller's.
template <typename Unfold>
void integrate(std::span<std::uint64_t> column, unsigned order, std::uint64_t step, Unfold unfold) {
  column[0] = 0;
  std::uint64_t value = 0;
  if (order == 0) {
    for (std::size_t i = 1; i < column.size(); ++i) column[i] = unfold(column[i]);
  } else if (order == 1) {
    for (std::size_t i = 1; i < column.size(); ++i) column[i] = value += unfold(column[i]);
  } else {
    column[1] = value = step;
    for (std::size_t i = 2; i < column.size(); ++i) column[i] = value += step += unfold(column[i]);
  }
}

bool read_packed(ByteReader& in, std::span<std::uint64_t> numbers) {
  const auto width = in.fixed<std::uint8_t>();
  if (!in.ok() || width > 64 || numbers.size() * width > in.rest().size() * 8) return false;
  BitReader bits(in.rest());
  if (width <= BitReader::kPeek)
    for (std::uint64_t& number : numbers) {
      number = low_bits(bits.peek(), width);
      bits.skip(width);
    }
  else
    for (std::uint64_t& number : numbers) number = bits.take(width);
  in = ByteReader(in.rest().substr(bits.bytes()));
  return true;
}

bool read_plain(ByteReader& in, Form form, std::span<std::uint64_t> column) {
  if (column.size() <= form.order) return false;
  const std::uint64_t step = form.order == 2 ? static_cast<std::uint64_t>(in.svarint()) : 0;
  const auto base = static_cast<std::uint64_t>(in.svarint());
  const std::uint64_t divisor = form.divided ? in.varint() : 1;
  const auto residuals = column.subspan(std::max(1u, form.order));
  if (form.packing == Packing::packed) {
    if (!read_packed(in, residuals)) return false;
    integrate(column, form.order, step, [&](std::uint64_t number) { return base + number * divisor; });
  } else {
    if (residuals.empty() || !decode_entropy(in, residuals)) return false;
    integrate(column, form.order, step,
              [&](std::uint64_t number) { return base + unzigzag(number) * divisor; });
  }
  return in.ok();
}

void fill_line(std::span<std::uint64_t> column, std::uint64_t step) {
  for (std::size_t i = 0; i < column.size(); ++i) column[i] = i * step;
}

bool read_inner(ByteReader& in, std::span<std::uint64_t> numbers) {
  const auto first = static_cast<std::uint64_t>(in.svarint());
  numbers[0] = 0;
  if (numbers.size() > 1) {
    Form form;
    if (!form.read(in.fixed<std::uint8_t>()) || form.packing == Packing::runs) return false;
    if (form.packing == Packing::line)
      fill_line(numbers, static_cast<std::uint64_t>(in.svarint()));
    else if (!read_plain(in, form, numbers))
      return false;
  }
  for (std::uint64_t& number : numbers) number += first;
  return in.ok();
}

bool read_runs(ByteReader& in, Form form, std::span<std::uint64_t> column) {
  const auto numbers = column.subspan(form.order);
  const std::uint64_t count = in.varint();
  if (!in.ok() || form.order > 1 || count < 2 || count > numbers.size()) return false;
  const auto scratch = std::make_unique_for_overwrite<std::uint64_t[]>(2 * count);
  const std::span lengths(scratch.get(), count), values(scratch.get() + count, count);
  if (!read_inner(in, lengths.first(count - 1)) || !read_inner(in, values)) return false;
  std::size_t at = 0;
  for (std::size_t run = 0; run < count; ++run) {
    const std::size_t left = numbers.size() - at;
    const std::size_t length = run + 1 < count ? lengths[run] : left;
    if (length > left) return false;
    std::fill_n(numbers.begin() + static_cast<std::ptrdiff_t>(at), length, values[run]);
    at += length;
  }
  if (form.order == 1) integrate(column, 1, 0, [](std::uint64_t number) { return number; });
  return column[0] == 0;
}

}  // namespace

void encode_column(Column column, std::string& out) {
  if (column.size() < 2) return;
  const auto steps = differences(column);
  const std::size_t bends = changes_in(steps);
  if (bends == 0) return write_line(steps[0], out);
  const auto moves = column.size() - 1 - static_cast<std::size_t>(std::ranges::count(steps, 0u));
  std::string runs;
  if (std::min(moves, bends) * 3 < column.size())
    runs = moves <= bends ? write_runs(column, 0) : write_runs(steps, 1);
  std::string plain;
  write_plain(column, steps, plain);
  out += !runs.empty() && runs.size() <= plain.size() ? runs : plain;
}

bool decode_column(ByteReader& in, std::span<std::uint64_t> column) {
  if (column.empty()) return true;
  column[0] = 0;
  if (column.size() == 1) return true;
  Form form;
  if (!form.read(in.fixed<std::uint8_t>())) return false;
  switch (form.packing) {
    case Packing::line:
      fill_line(column, static_cast<std::uint64_t>(in.svarint()));
      return in.ok();
    case Packing::runs:
      return read_runs(in, form, column);
    default:
      return read_plain(in, form, column);
  }
}

std::optional<std::uint64_t> take_line(ByteReader& in, std::size_t count) {
  if (count < 2) return 0;
  ByteReader ahead = in;
  Form form;
  if (!form.read(ahead.fixed<std::uint8_t>()) || form.packing != Packing::line) return std::nullopt;
  const auto step = static_cast<std::uint64_t>(ahead.svarint());
  if (!ahead.ok()) return std::nullopt;
  in = ahead;
  return step;
}

}  // namespace sentinella::series
