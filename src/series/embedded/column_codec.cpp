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
#include "series/embedded/wide_cpu.h"

namespace sentinella::series {
namespace {

using Column = std::span<const std::uint64_t>;

enum class Packing : std::uint8_t { line, packed, entropy, runs };

/// What a number is expected to be: the level that the numbers before it led to. A level follows by `gain`
/// sixteenths of each surprise: 16 is the number before, 0 no expectation, between lies a running mean.
struct Prediction {
  bool of_steps = false;  ///< of the differences, so that it is a slope that is followed
  std::uint8_t gain = 0;
};
/// From the calmest to the most mobile; neighbours do nearly as well.
constexpr std::array<Prediction, 10> kPredictions = {Prediction{false, 0},
                                                     {false, 2},
                                                     {false, 4},
                                                     {false, 8},
                                                     {false, 16},
                                                     {true, 1},
                                                     {true, 2},
                                                     {true, 4},
                                                     {true, 8},
                                                     {true, 16}};
constexpr std::size_t kStandstill = 0, kLastNumber = 4, kLastStep = 9;

/// What a column begins with.
struct Form {
  Packing packing = Packing::line;
  std::uint8_t prediction = 0;  ///< of kPredictions; of runs: 0 = the numbers stand still, 1 = their steps do
  std::uint64_t divisor = 1;    ///< taken out of all numbers

  void write(std::string& out) const {
    ByteWriter head(out);
    head.fixed(static_cast<std::uint8_t>(static_cast<unsigned>(packing) | (divisor > 1 ? 4u : 0u) |
                                         prediction << 3));
    if (divisor > 1) head.varint(divisor);
  }
  /// False: no such form.
  bool read(ByteReader& in) {
    const auto byte = in.fixed<std::uint8_t>();
    packing = static_cast<Packing>(byte & 3);
    prediction = byte >> 3;
    if (byte & 4) divisor = in.varint();
    return in.ok() && prediction < (packing == Packing::runs ? 2 : kPredictions.size());
  }
};

/// Fewer numbers do not repay the table of an entropy code.
constexpr std::size_t kEntropyFrom = 24;

/// A level is kept in sixteenths.
std::uint64_t sixteenth(std::uint64_t level) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(level) >> 4);
}

// ---- writing

/// As near the middle as a few numbers tell.
std::uint64_t middle_of(Column numbers) {
  std::array<std::int64_t, 15> some;
  const std::size_t count = std::min(some.size(), numbers.size());
  for (std::size_t i = 0; i < count; ++i)
    some[i] = static_cast<std::int64_t>(numbers[i * numbers.size() / count]);
  std::ranges::nth_element(some.begin(), some.begin() + count / 2, some.begin() + count);
  return static_cast<std::uint64_t>(some[count / 2]);
}

/// What a running level does not foresee of `numbers`; nothing of the first if that is known.
void surprises(Column numbers, std::uint8_t gain, bool known, std::vector<std::uint64_t>& residuals) {
  residuals.resize(numbers.size());
  residuals[0] = known ? 0 : numbers[0];
  if (gain == 0 || gain == 16) {
    for (std::size_t i = 1; i < numbers.size(); ++i)
      residuals[i] = numbers[i] - (gain == 0 ? 0 : numbers[i - 1]);
    return;
  }
  std::uint64_t level = known ? numbers[0] << 4 : numbers[0] * gain;
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    residuals[i] = numbers[i] - sixteenth(level);
    level += residuals[i] * gain;
  }
}

/// Near enough to the bits that residuals take, to compare predictions by.
std::uint64_t width_of(Column residuals) {
  const std::uint64_t middle = middle_of(residuals);
  std::uint64_t sum = 0;
  for (const std::uint64_t residual : residuals)
    sum += static_cast<unsigned>(std::bit_width(zigzag(residual - middle)));
  return sum;
}

std::uint64_t magnitude(std::uint64_t value) {
  return value >> 63 ? 0 - value : value;
}

/// What divides all of `numbers`, some of which are not 0.
std::uint64_t divisor_of(Column numbers) {
  std::uint64_t all = 0;
  for (const std::uint64_t number : numbers) all |= number;
  const int twos = std::countr_zero(all);
  std::uint64_t odd = 0;
  for (const std::uint64_t number : numbers) {
    const std::uint64_t size = magnitude(number) >> twos;
    if (odd == 0 || size % odd != 0) odd = std::gcd(odd, size);
    if (odd == 1) break;
  }
  return odd << twos;
}

/// Exactly.
std::vector<std::uint64_t> divide(Column numbers, std::uint64_t divisor) {
  std::vector<std::uint64_t> multiples(numbers.size());
  if (std::has_single_bit(divisor)) {
    const int twos = std::countr_zero(divisor);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      multiples[i] = static_cast<std::uint64_t>(static_cast<std::int64_t>(numbers[i]) >> twos);
  } else {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const std::uint64_t multiple = magnitude(numbers[i]) / divisor;
      multiples[i] = numbers[i] >> 63 ? 0 - multiple : multiple;
    }
  }
  return multiples;
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

void write_packed(Column residuals, Range range, std::string& out) {
  const auto width = static_cast<unsigned>(std::bit_width(range.size));
  ByteWriter head(out);
  head.svarint(static_cast<std::int64_t>(range.lowest));
  head.fixed(static_cast<std::uint8_t>(width));
  BitWriter bits(out);
  for (const std::uint64_t residual : residuals) bits.put(residual - range.lowest, width);
  bits.finish();
}

/// Entropy-coded or packed, whichever is smaller; `form` says the rest.
void write_residuals(Column residuals, Form form, std::uint64_t first_step, std::string& out) {
  const Range range = range_of(residuals);
  const std::uint64_t middle = middle_of(residuals);
  form.packing = Packing::packed;
  EntropyPlan plan;
  std::vector<std::uint64_t> folded;
  if (residuals.size() >= kEntropyFrom) {
    folded.resize(residuals.size());
    for (std::size_t i = 0; i < residuals.size(); ++i) folded[i] = zigzag(residuals[i] - middle);
    plan = plan_entropy(folded);
    if (plan.bits <
        static_cast<double>(residuals.size() * static_cast<std::size_t>(std::bit_width(range.size))))
      form.packing = Packing::entropy;
  }
  form.write(out);
  ByteWriter head(out);
  if (kPredictions[form.prediction].of_steps) head.svarint(static_cast<std::int64_t>(first_step));
  if (form.packing == Packing::packed) return write_packed(residuals, range, out);
  head.svarint(static_cast<std::int64_t>(middle));
  encode_entropy(plan, folded, out);
}

/// The prediction that leaves least, judged by a stretch of the column.
std::uint8_t best_prediction(Column numbers, Column steps) {
  constexpr std::size_t kStretch = 192;
  const std::size_t length = std::min(kStretch, numbers.size()), from = (numbers.size() - length) / 2;
  std::vector<std::uint64_t> residuals;
  std::array<std::uint64_t, kPredictions.size()> widths{};  // 0: not looked at yet
  const auto width = [&](std::size_t index) {
    const auto [of_steps, gain] = kPredictions[index];
    surprises((of_steps ? steps : numbers).subspan(from, length), gain, true, residuals);
    return widths[index] = width_of(residuals) + 1;
  };
  std::size_t best = kLastNumber;
  width(best);
  for (const std::size_t index : {kStandstill, kLastStep})
    if (width(index) < widths[best]) best = index;
  const std::size_t chance = length / 32;  // less than this may be an accident of the stretch
  for (bool better = true; better;) {
    better = false;
    for (const std::size_t next : {best - 1, best + 1})
      if (next < widths.size() && widths[next] == 0 && width(next) + chance < widths[best]) {
        best = next;
        better = true;
        break;
      }
  }
  return static_cast<std::uint8_t>(best);
}

/// `steps` are the column's differences.
void write_plain(Column column, Column steps, std::uint64_t divisor, std::string& out) {
  const Column numbers = column.subspan(1);
  const std::uint8_t prediction = best_prediction(numbers, steps);
  const auto [of_steps, gain] = kPredictions[prediction];
  std::vector<std::uint64_t> residuals;
  surprises(of_steps ? steps : numbers, gain, of_steps, residuals);
  write_residuals(Column(residuals).subspan(of_steps ? 1 : 0), {Packing::packed, prediction, divisor},
                  steps[0], out);
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

void write_column(Column column, bool may_run, std::string& out);

/// A column without runs, whatever its first number.
void write_inner(std::vector<std::uint64_t> numbers, std::string& out) {
  const std::uint64_t first = numbers[0];
  ByteWriter(out).svarint(static_cast<std::int64_t>(first));
  for (std::uint64_t& number : numbers) number -= first;
  write_column(numbers, false, out);
}

/// `numbers` are the column or its steps.
std::string write_runs(Column numbers, bool of_steps, std::uint64_t divisor) {
  Runs runs = runs_of(numbers);
  std::string out;
  Form{Packing::runs, of_steps, divisor}.write(out);
  ByteWriter(out).varint(runs.lengths.size());
  runs.lengths.pop_back();  // the last run reaches to the end
  write_inner(std::move(runs.lengths), out);
  write_inner(std::move(runs.values), out);
  return out;
}

void write_column(Column column, bool may_run, std::string& out) {
  if (column.size() < 2) return;
  auto steps = differences(column);
  const std::size_t bends = changes_in(steps);
  if (bends == 0) {
    Form{}.write(out);
    ByteWriter(out).svarint(static_cast<std::int64_t>(steps[0]));
    return;
  }
  const std::uint64_t divisor = divisor_of(column);
  std::vector<std::uint64_t> multiples;
  if (divisor > 1) {
    multiples = divide(column, divisor);
    column = multiples;
    steps = differences(column);
  }
  const auto moves = steps.size() - static_cast<std::size_t>(std::ranges::count(steps, 0u));
  const std::size_t runs_cut = std::min(moves, bends);
  std::string runs, plain;
  if (may_run && runs_cut * 3 < column.size())
    runs = write_runs(moves <= bends ? column : Column(steps), moves > bends, divisor);
  // Where little moves hardly anything is smaller than runs.
  if (runs.empty() || runs_cut * 10 >= column.size()) write_plain(column, steps, divisor, plain);
  out += plain.empty() || (!runs.empty() && runs.size() <= plain.size()) ? runs : plain;
}

// ---- reading

/// Numbers out of residuals, in place.
template <typename Unfold>
void follow(std::span<std::uint64_t> numbers, std::uint8_t gain, std::uint64_t level, Unfold unfold) {
  if (gain == 0) {
    for (std::uint64_t& number : numbers) number = unfold(number);
  } else if (gain == 16) {
    for (std::uint64_t& number : numbers) number = level += unfold(number);
  } else {
    level <<= 4;
    for (std::uint64_t& number : numbers) {
      const std::uint64_t residual = unfold(number);
      number = residual + sixteenth(level);
      level += residual * gain;
    }
  }
}

/// A column out of its steps, in place; column[0] is not read.
void sum_up(std::span<std::uint64_t> column) {
  std::uint64_t sum = column[0] = 0;
  for (std::uint64_t& number : column.subspan(1)) number = sum += number;
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
  const auto [of_steps, gain] = kPredictions[form.prediction];
  const std::uint64_t first_step = of_steps ? static_cast<std::uint64_t>(in.svarint()) : 0;
  const auto base = static_cast<std::uint64_t>(in.svarint());
  const auto residuals = column.subspan(of_steps ? 2 : 1);
  if (form.packing == Packing::packed) {
    if (!read_packed(in, residuals)) return false;
    follow(residuals, gain, first_step, [=](std::uint64_t number) { return base + number; });
  } else {
    if (residuals.empty() || !decode_entropy(in, residuals)) return false;
    follow(residuals, gain, first_step, [=](std::uint64_t number) { return base + unzigzag(number); });
  }
  column[0] = 0;
  if (of_steps) {
    column[1] = first_step;
    sum_up(column);
  }
  return in.ok();
}

void fill_line(std::span<std::uint64_t> column, std::uint64_t step) {
  for (std::size_t i = 0; i < column.size(); ++i) column[i] = i * step;
}

bool read_column(ByteReader& in, bool may_run, std::span<std::uint64_t> column);

bool read_inner(ByteReader& in, std::span<std::uint64_t> numbers) {
  const auto first = static_cast<std::uint64_t>(in.svarint());
  if (!read_column(in, false, numbers)) return false;
  for (std::uint64_t& number : numbers) number += first;
  return true;
}

bool read_runs(ByteReader& in, Form form, std::span<std::uint64_t> column) {
  const auto numbers = column.subspan(form.prediction & 1);
  const std::uint64_t count = in.varint();
  if (!in.ok() || count < 2 || count > numbers.size()) return false;
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
  if (form.prediction == 1) sum_up(column);
  return column[0] == 0;
}

bool read_column(ByteReader& in, bool may_run, std::span<std::uint64_t> column) {
  if (!column.empty()) column[0] = 0;
  if (column.size() < 2) return in.ok();
  Form form;
  if (!form.read(in) || (form.packing == Packing::runs && !may_run)) return false;
  if (form.packing == Packing::line)
    fill_line(column, static_cast<std::uint64_t>(in.svarint()));
  else if (form.packing == Packing::runs ? !read_runs(in, form, column) : !read_plain(in, form, column))
    return false;
  if (form.divisor != 1)
    for (std::uint64_t& number : column) number *= form.divisor;
  return in.ok();
}

SENT_WIDE void write_column_wide(Column column, std::string& out) {
  write_column(column, true, out);
}
SENT_WIDE bool read_column_wide(ByteReader& in, std::span<std::uint64_t> column) {
  return read_column(in, true, column);
}

}  // namespace

void encode_column(Column column, std::string& out) {
  return has_wide_cpu() ? write_column_wide(column, out) : write_column(column, true, out);
}

bool decode_column(ByteReader& in, std::span<std::uint64_t> column) {
  return has_wide_cpu() ? read_column_wide(in, column) : read_column(in, true, column);
}

std::optional<std::uint64_t> take_line(ByteReader& in, std::size_t count) {
  if (count < 2) return 0;
  ByteReader ahead = in;
  Form form;
  if (!form.read(ahead) || form.packing != Packing::line) return std::nullopt;
  const std::uint64_t step = static_cast<std::uint64_t>(ahead.svarint()) * form.divisor;
  if (!ahead.ok()) return std::nullopt;
  in = ahead;
  return step;
}

}  // namespace sentinella::series
