// A column of integers, compressed: what is left of them after a prediction (none, the one before, the line
// through the two before), less a constant, divided by what divides all, is bit-packed or entropy-coded;
// a column that stands still for long stretches is a column of run lengths and one of values. The smallest
// is taken. Arithmetic is modulo 2^64; "small" means near zero as a signed number.
// Format: docs/formats/series.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"

namespace sentinella::series {

/// At most this many in a column: a few bytes may stand for many equal numbers.
inline constexpr std::size_t kMaxColumn = 65'535;

/// Appends `column`, whose first element must be 0; its length is not written.
void encode_column(std::span<const std::uint64_t> column, std::string& out);

/// Fills `column`, whose length the caller knows. False: damaged.
bool decode_column(ByteReader& in, std::span<std::uint64_t> column);

/// If the column of `count` that comes next is 0, s, 2 s, 3 s ...: takes it and returns s.
std::optional<std::uint64_t> take_line(ByteReader& in, std::size_t count);

}  // namespace sentinella::series
