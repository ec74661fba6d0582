#include "series/embedded/entropy_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>

#include "series/embedded/bit_stream.h"
#include "series/embedded/wide_cpu.h"

namespace sentinella::series {
namespace {

constexpr std::array<unsigned, 4> kTableBits = {5, 7, 8, 10};
constexpr unsigned kMaxTable = 1u << 10;
constexpr unsigned kLanes = 4;
constexpr unsigned kDirect = 8;  // symbols below stand for one number each

/// 2^(0.6 (c - 1)) in quarters: steps so coarse cost under 0.01 bits a number, and four bits hold 338 to 1.
constexpr std::array<std::uint32_t, 16> kWeights = {0,  4,   6,   9,   14,  21,  32,  49,
                                                    74, 111, 169, 256, 388, 588, 891, 1351};
constexpr double kWeightStep = 0.6;

/// What one symbol stands for: lead << extra, and `extra` bits as they are.
struct Symbol {
  unsigned lead = 0;
  unsigned extra = 0;
};
Symbol meaning(unsigned symbol, unsigned shift) {
  if (symbol < kDirect) return {symbol, shift};
  return {2 | (symbol & 1), (symbol - kDirect) / 2 + 2 + shift};
}
unsigned symbol_of(std::uint64_t shifted) {
  if (shifted < kDirect) return static_cast<unsigned>(shifted);
  const auto width = static_cast<unsigned>(std::bit_width(shifted));
  return kDirect + (width - 4) * 2 + static_cast<unsigned>(shifted >> (width - 2) & 1);
}

// ---- planning

/// Counts by magnitude, finer than symbols of any shift: exact below 16, then eighths of octaves.
struct Histogram {
  static constexpr unsigned kBins = 16 + 60 * 8;
  std::array<std::uint32_t, kBins> counts{};
  unsigned first = 0, last = 0;  // the ends of what occurs

  static unsigned bin_of(std::uint64_t number) {
    if (number < 16) return static_cast<unsigned>(number);
    const auto width = static_cast<unsigned>(std::bit_width(number));
    return (width - 3) * 8 + static_cast<unsigned>(number >> (width - 4) & 7);
  }
  static std::uint64_t lowest_in(unsigned bin) {
    return bin < 16 ? bin : std::uint64_t{8 | (bin & 7)} << (bin / 8 - 1);
  }
  explicit Histogram(std::span<const std::uint64_t> numbers) {
    for (const std::uint64_t number : numbers) ++counts[bin_of(number)];
    for (first = 0; counts[first] == 0;) ++first;
    for (last = kBins - 1; counts[last] == 0;) --last;
  }
  std::uint64_t median(std::size_t total) const {
    std::size_t below = 0;
    unsigned bin = first;
    for (; (below + counts[bin]) * 2 < total; ++bin) below += counts[bin];
    return lowest_in(bin);
  }
};

double log2_of(std::uint32_t count) {
  static const auto table = [] {
    std::array<double, 1024> logs{};
    for (std::size_t i = 1; i < logs.size(); ++i) logs[i] = std::log2(static_cast<double>(i));
    return logs;
  }();
  return count < table.size() ? table[count] : std::log2(static_cast<double>(count));
}

EntropyPlan plan_shift(const Histogram& histogram, std::size_t total, unsigned shift) {
  EntropyPlan plan;
  plan.shift = shift;
  plan.first = symbol_of(Histogram::lowest_in(histogram.first) >> shift);
  plan.symbols = symbol_of(Histogram::lowest_in(histogram.last) >> shift) - plan.first + 1;

  std::array<std::uint32_t, kMaxSymbols> counts{};
  for (unsigned bin = histogram.first; bin <= histogram.last; ++bin)
    if (histogram.counts[bin] != 0)
      counts[symbol_of(Histogram::lowest_in(bin) >> shift) - plan.first] += histogram.counts[bin];

  const double top = log2_of(*std::ranges::max_element(counts));
  double bits = 24;
  std::uint32_t sum = 0;
  unsigned present = 0;
  for (unsigned i = 0; i < plan.symbols; ++i) {
    if (counts[i] == 0) continue;
    bits += i > 0 && counts[i - 1] == 0 ? 12 : 4;  // with the gap before it
    const double code = 15.5 - (top - log2_of(counts[i])) / kWeightStep;
    plan.weights[i] = static_cast<std::uint8_t>(std::max(1.0, code));
    sum += kWeights[plan.weights[i]];
    ++present;
    bits += counts[i] * (meaning(plan.first + i, shift).extra - 2 - kWeightStep * (plan.weights[i] - 1));
  }
  bits += static_cast<double>(total) * log2_of(sum);
  unsigned choice = total < 64 ? 0 : total < 1024 ? 1 : total < 4096 ? 2 : 3;
  while (present * 2 > 1u << kTableBits[choice]) ++choice;
  plan.table_bits = kTableBits[choice];
  plan.bits = bits + std::min<double>(static_cast<double>(total), kLanes) * plan.table_bits;
  return plan;
}

// ---- the table of states

/// How many of the 2^table_bits states each symbol has; both sides compute this from the weights.
std::array<std::uint16_t, kMaxSymbols> share_states(const EntropyPlan& plan) {
  const std::uint32_t size = 1u << plan.table_bits;
  std::uint32_t sum = 0, given = 0;
  for (unsigned i = 0; i < plan.symbols; ++i) sum += kWeights[plan.weights[i]];
  std::array<std::uint16_t, kMaxSymbols> states{};
  for (unsigned i = 0; i < plan.symbols; ++i) {
    if (plan.weights[i] == 0) continue;
    states[i] = static_cast<std::uint16_t>(std::max(1u, kWeights[plan.weights[i]] * size / sum));
    given += states[i];
  }
  while (given > size) --*std::ranges::max_element(states), --given;
  *std::ranges::max_element(states) += static_cast<std::uint16_t>(size - given);
  return states;
}

/// Calls put(slot, symbol) for every slot of the table, the symbols' slots strewn evenly.
template <typename Put>
void strew(const std::array<std::uint16_t, kMaxSymbols>& states, const EntropyPlan& plan, Put put) {
  const unsigned size = 1u << plan.table_bits, step = (size >> 1) + (size >> 3) + 3;
  unsigned slot = 0;
  for (unsigned symbol = 0; symbol < plan.symbols; ++symbol)
    for (unsigned i = 0; i < states[symbol]; ++i) {
      put(slot, symbol);
      slot = (slot + step) & (size - 1);
    }
}

class Encoder {
 public:
  explicit Encoder(const EntropyPlan& plan) : table_bits_(plan.table_bits) {
    const auto states = share_states(plan);
    const unsigned size = 1u << table_bits_;
    std::array<std::uint8_t, kMaxTable> owner;
    strew(states, plan,
          [&](unsigned slot, unsigned symbol) { owner[slot] = static_cast<std::uint8_t>(symbol); });
    unsigned start = 0;
    std::array<unsigned, kMaxSymbols> next{};
    for (unsigned symbol = 0; symbol < plan.symbols; ++symbol) {
      const unsigned count = states[symbol];
      if (count == 0) continue;
      rows_[symbol] = {start - count, count};
      next[symbol] = start;
      start += count;
    }
    for (unsigned slot = 0; slot < size; ++slot)
      states_[next[owner[slot]]++] = static_cast<std::uint16_t>(size + slot);
  }
  /// Any state that says `symbol`: for the last number of a lane, which no state follows.
  std::uint32_t start(unsigned symbol) const { return states_[rows_[symbol].offset + rows_[symbol].count]; }
  /// Moves to the state that says `symbol` and leads to `state`; the low bits of that are to be written.
  std::uint32_t step(std::uint32_t state, unsigned symbol, unsigned& width) const {
    const Row row = rows_[symbol];
    width = table_bits_ + 1 - static_cast<unsigned>(std::bit_width(row.count));
    if (state >> width < row.count) --width;
    return states_[row.offset + (state >> width)];
  }

 private:
  struct Row {
    std::uint32_t offset = 0;  // states_[offset + x] for x from count to 2 count - 1, modulo 2^32
    std::uint32_t count = 0;
  };
  unsigned table_bits_;
  std::array<Row, kMaxSymbols> rows_{};
  std::array<std::uint16_t, kMaxTable> states_;
};

struct Entry {
  std::uint16_t next;  // the state, before the bits read are added
  std::uint8_t width;  // how many those are
  std::uint8_t extra;  // as in Symbol
  std::uint32_t lead;
};
using DecodingTable = std::array<Entry, kMaxTable>;

/// Returns how many bits a number takes at most.
unsigned fill_table(const EntropyPlan& plan, DecodingTable& table) {
  auto next = share_states(plan);
  const unsigned size = 1u << plan.table_bits;
  std::array<std::uint8_t, kMaxTable> owner;
  strew(next, plan, [&](unsigned slot, unsigned symbol) { owner[slot] = static_cast<std::uint8_t>(symbol); });
  std::array<Symbol, kMaxSymbols> meanings;
  for (unsigned i = 0; i < plan.symbols; ++i) meanings[i] = meaning(plan.first + i, plan.shift);
  unsigned widest = 0;
  for (unsigned slot = 0; slot < size; ++slot) {
    const unsigned symbol = owner[slot];
    const unsigned x = next[symbol]++;
    const unsigned width = plan.table_bits + 1 - static_cast<unsigned>(std::bit_width(x));
    table[slot] = {static_cast<std::uint16_t>((x << width) - size), static_cast<std::uint8_t>(width),
                   static_cast<std::uint8_t>(meanings[symbol].extra), meanings[symbol].lead};
    widest = std::max(widest, width + meanings[symbol].extra);
  }
  return widest;
}

/// kPerPeek numbers fit into one look at the stream; 0: a number may not.
template <unsigned kPerPeek>
void decode_numbers(const DecodingTable& table, unsigned table_bits, BitReader& in,
                    std::span<std::uint64_t> out) {
  const std::size_t lanes = std::min<std::size_t>(out.size(), kLanes);
  std::array<std::uint32_t, kLanes> states{};
  for (std::size_t i = 0; i < lanes; ++i) states[i] = static_cast<std::uint32_t>(in.take(table_bits));
  const auto one = [&](std::uint32_t& state, std::uint64_t& bits, std::uint64_t& number) {
    const Entry entry = table[state];
    if constexpr (kPerPeek == 0) {
      number = std::uint64_t{entry.lead} << entry.extra | in.take(entry.extra);
      state = entry.next + static_cast<std::uint32_t>(in.take(entry.width));
    } else {
      number = std::uint64_t{entry.lead} << entry.extra | few_bits(bits, entry.extra);
      bits >>= entry.extra;
      state = entry.next + static_cast<std::uint32_t>(few_bits(bits, entry.width));
      bits >>= entry.width;
      in.skip(entry.extra + entry.width);
    }
  };
  const std::size_t followed = out.size() - lanes;  // the last of each lane have no state after them
  std::size_t i = 0;
  for (; i + kLanes <= followed; i += kLanes) {
    std::uint64_t bits = 0;
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      if constexpr (kPerPeek != 0)
        if (lane % kPerPeek == 0) bits = in.peek();
      one(states[lane], bits, out[i + lane]);
    }
  }
  for (; i < followed; ++i) {
    std::uint64_t bits = in.peek();
    one(states[i % kLanes], bits, out[i]);
  }
  for (; i < out.size(); ++i) {
    const Entry entry = table[states[i % kLanes]];
    out[i] = std::uint64_t{entry.lead} << entry.extra | in.take(entry.extra);
  }
}

void write_plan(const EntropyPlan& plan, std::string& out) {
  const auto choice = std::ranges::find(kTableBits, plan.table_bits) - kTableBits.begin();
  out.push_back(static_cast<char>(plan.shift | static_cast<unsigned>(choice) << 6));
  out.push_back(static_cast<char>(plan.first));
  out.push_back(static_cast<char>(plan.symbols));
}

bool read_plan(ByteReader& in, EntropyPlan& plan) {
  const auto sizes = in.fixed<std::uint8_t>();
  plan.shift = sizes & 63;
  plan.table_bits = kTableBits[sizes >> 6];
  plan.first = in.fixed<std::uint8_t>();
  plan.symbols = in.fixed<std::uint8_t>();
  return in.ok() && plan.symbols >= 1 && plan.symbols <= kMaxSymbols &&
         meaning(plan.first + plan.symbols - 1, plan.shift).extra <= 63;
}

/// Four bits each; a 0 is followed by four bits that say how many more.
void write_weights(const EntropyPlan& plan, BitWriter& bits) {
  for (unsigned i = 0; i < plan.symbols; ++i) {
    bits.put(plan.weights[i], 4);
    if (plan.weights[i] != 0) continue;
    unsigned more = 0;
    while (more < 15 && i + 1 < plan.symbols && plan.weights[i + 1] == 0) ++more, ++i;
    bits.put(more, 4);
  }
}

bool read_weights(BitReader& bits, EntropyPlan& plan) {
  unsigned present = 0;
  for (unsigned i = 0; i < plan.symbols; ++i) {
    plan.weights[i] = static_cast<std::uint8_t>(bits.take(4));
    if (plan.weights[i] == 0)
      i += static_cast<unsigned>(bits.take(4));
    else
      ++present;
  }
  return present > 0 && present * 2 <= 1u << plan.table_bits;
}

EntropyPlan make_plan(std::span<const std::uint64_t> numbers) {
  const Histogram histogram(numbers);
  const auto width = static_cast<unsigned>(std::bit_width(histogram.median(numbers.size())));
  unsigned shift = width > 4 ? width - 4 : 0;
  EntropyPlan best = plan_shift(histogram, numbers.size(), shift);
  const auto walk = [&](int step) {
    for (bool better = true; better;) {
      const unsigned next = best.shift + static_cast<unsigned>(step);
      if (next > 61) return;
      const EntropyPlan plan = plan_shift(histogram, numbers.size(), next);
      better = plan.bits < best.bits;
      if (better) best = plan;
    }
  };
  walk(1);
  if (best.shift == shift) walk(-1);
  return best;
}

void write_numbers(const EntropyPlan& plan, std::span<const std::uint64_t> numbers, std::string& out) {
  write_plan(plan, out);
  const Encoder encoder(plan);
  // States are found from the last number to the first, and written in the reader's order.
  const auto steps = std::make_unique_for_overwrite<std::uint32_t[]>(numbers.size());
  const auto symbols = std::make_unique_for_overwrite<std::uint8_t[]>(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    symbols[i] = static_cast<std::uint8_t>(symbol_of(numbers[i] >> plan.shift) - plan.first);
  const std::size_t lanes = std::min<std::size_t>(numbers.size(), kLanes), followed = numbers.size() - lanes;
  std::array<std::uint32_t, kLanes> states{};
  for (std::size_t i = followed; i < numbers.size(); ++i) states[i % kLanes] = encoder.start(symbols[i]);
  for (std::size_t i = followed; i-- > 0;) {
    unsigned width = 0;
    std::uint32_t& state = states[i % kLanes];
    const std::uint32_t before = encoder.step(state, symbols[i], width);
    steps[i] = static_cast<std::uint32_t>(few_bits(state, width)) << 8 | width;
    state = before;
  }
  BitWriter bits(out);
  write_weights(plan, bits);
  for (std::size_t i = 0; i < lanes; ++i) bits.put(low_bits(states[i], plan.table_bits), plan.table_bits);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const unsigned extra = meaning(symbols[i] + plan.first, plan.shift).extra;
    bits.put(few_bits(numbers[i], extra), extra);
    if (i < followed) bits.put(steps[i] >> 8, steps[i] & 0xff);
  }
  bits.finish();
}

bool read_numbers(ByteReader& in, std::span<std::uint64_t> numbers) {
  EntropyPlan plan;
  if (!read_plan(in, plan)) return false;
  BitReader bits(in.rest());
  if (!read_weights(bits, plan)) return false;
  DecodingTable table;
  const unsigned widest = fill_table(plan, table);
  if (widest * 4 <= BitReader::kPeek)
    decode_numbers<4>(table, plan.table_bits, bits, numbers);
  else if (widest * 2 <= BitReader::kPeek)
    decode_numbers<2>(table, plan.table_bits, bits, numbers);
  else if (widest <= BitReader::kPeek)
    decode_numbers<1>(table, plan.table_bits, bits, numbers);
  else
    decode_numbers<0>(table, plan.table_bits, bits, numbers);
  if (bits.overran()) return false;
  in = ByteReader(in.rest().substr(bits.bytes()));
  return true;
}

SENT_WIDE EntropyPlan make_plan_wide(std::span<const std::uint64_t> numbers) {
  return make_plan(numbers);
}
SENT_WIDE void write_numbers_wide(const EntropyPlan& plan, std::span<const std::uint64_t> numbers,
                                  std::string& out) {
  write_numbers(plan, numbers, out);
}
SENT_WIDE bool read_numbers_wide(ByteReader& in, std::span<std::uint64_t> numbers) {
  return read_numbers(in, numbers);
}

}  // namespace

EntropyPlan plan_entropy(std::span<const std::uint64_t> numbers) {
  return has_wide_cpu() ? make_plan_wide(numbers) : make_plan(numbers);
}

void encode_entropy(const EntropyPlan& plan, std::span<const std::uint64_t> numbers, std::string& out) {
  return has_wide_cpu() ? write_numbers_wide(plan, numbers, out) : write_numbers(plan, numbers, out);
}

bool decode_entropy(ByteReader& in, std::span<std::uint64_t> numbers) {
  return has_wide_cpu() ? read_numbers_wide(in, numbers) : read_numbers(in, numbers);
}

}  // namespace sentinella::series
