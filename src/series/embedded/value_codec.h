// The values of a chunk. Doubles that are decimal numbers of up to 15 places become integers (v = n / 10^e,
// correctly rounded, gives the very bits back), the few among them that are not stand apart as exceptions;
// all others are taken as their bit patterns. Either way a column of integers (column_codec.h) is what
// remains. The idea of trying decimals first is that of A. Afroozeh et al., "ALP: adaptive lossless
// floating-point compression", SIGMOD 2023. Lossless for every double, NaN payloads and -0 included. Format:
// docs/formats/series.md.
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"
#include "series/series_store.h"

namespace sentinella::series {

/// What the values come to.
struct ValueSummary {
  double first = 0, last = 0;  ///< whatever they are
  double min = 0, max = 0;     ///< of those that are not NaN; NaN if all are
  double sum = 0;              ///< of those that are not stale; of decimals exact, then rounded once
  double sum_of_squares = 0;
  std::uint32_t stale = 0;  ///< how many are staleness markers
  bool has_nan = false;     ///< other NaN occur
};

/// By looking at each; `values` are at least one.
ValueSummary summarise(std::span<const double> values);

/// `values` are at least one. Appends the head, in which a summary lies where it is worth its bytes, and
/// returns the column, to be written after it.
std::string write_value_head(std::span<const double> values, std::string& out);

struct ValueHead {
  bool decimal = false, has_exceptions = false;
  bool has_summary = false;  ///< false: decode the values and summarise() them
  unsigned exponent = 0;
  std::uint64_t base = 0;  ///< the first integer
  ValueSummary summary;    ///< filled if has_summary
};
/// False: damaged.
bool read_value_head(ByteReader& in, std::size_t count, ValueHead& head);
/// Fills `values`. False: damaged.
bool read_value_column(ByteReader& in, const ValueHead& head, std::span<double> values);

}  // namespace sentinella::series
