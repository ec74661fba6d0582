// Decimal text to the nearest double, fast where the digits fit a double exactly.
//
// A decimal of at most 15 digits and a power of ten of at most 22 is a product or quotient of two exact
// doubles, so one rounding gives the right answer (W. D. Clinger, "How to Read Floating Point Numbers
// Accurately", PLDI 1990). All else is left to std::from_chars.
#pragma once

namespace sentinella::codec {

/// Reads `[+-]digits[.digits][e[+-]digits]`, or inf, infinity and nan in any case, and returns where it ends;
/// nullptr: there is no number at `text`. Some byte of [text, end) must be no part of a number, such as the
/// newline that ends a line: nothing else bounds the reading.
const char* parse_decimal(const char* text, const char* end, double& value);

}  // namespace sentinella::codec
