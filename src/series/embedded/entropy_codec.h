// Small numbers, entropy-coded. A number loses its `shift` lowest bits, which are written as they are; what
// is left becomes a symbol (the number itself below 8, else its magnitude in half octaves, the rest written
// as it is), and symbols are coded with asymmetric numeral systems by a table (J. Duda, "Asymmetric numeral
// systems", arXiv:1311.2540, section 3), four states in turn so that a processor decodes four at a time.
// Format: docs/formats/series.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"

namespace sentinella::series {

inline constexpr unsigned kMaxSymbols = 130;

/// How a column of numbers is to be coded.
struct EntropyPlan {
  double bits = 0;                                  ///< estimate of the whole
  unsigned shift = 0;                               ///< 0 to 63
  unsigned table_bits = 0;                          ///< the table of states has 2^table_bits entries
  unsigned first = 0;                               ///< the lowest symbol that occurs
  unsigned symbols = 0;                             ///< how many from there to the highest
  std::array<std::uint8_t, kMaxSymbols> weights{};  ///< 0 = does not occur, else 1 to 15: rarer to commoner
};

/// The cheapest plan for `numbers`, at least one.
EntropyPlan plan_entropy(std::span<const std::uint64_t> numbers);

void encode_entropy(const EntropyPlan& plan, std::span<const std::uint64_t> numbers, std::string& out);

/// Fills `numbers`, whose count the caller knows. False: damaged.
bool decode_entropy(ByteReader& in, std::span<std::uint64_t> numbers);

}  // namespace sentinella::series
