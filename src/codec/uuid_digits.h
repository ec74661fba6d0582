// Hexadecimal digits of identifiers -> bytes, 16 digits at once. No tables, no jumps: most calls succeed.
#pragma once

#include <cstdint>

namespace sentinella::codec {

enum class DigitCase : std::uint8_t { lower, either };

/// 32 digits at `text` as 16 bytes at `out`; false when one of them is none (`out` is garbage then).
bool read_32_digits(const char* text, DigitCase digits, char* out);
/// The same of 8-4-4-4-12 at `text` (36 bytes).
bool read_dashed_digits(const char* text, DigitCase digits, char* out);

}  // namespace sentinella::codec
