// Numbers as Prometheus writes them: the fewest digits that read back to the same double.
#pragma once

#include <string>

namespace sentinella::query {

/// In an expression: "0.5", "1e+21", "Inf", "NaN". No plus sign: before ^ it would be an operator of its own.
std::string number_text(double value);
/// Never with an exponent, as count_values labels its groups: "100000000000000000000000".
std::string decimal_text(double value);
/// In an answer's JSON, without quotes: an exponent under 1e-6 and from 1e21 on. `to` must have room for
/// kMaxSampleText bytes; returns the end of what was written.
inline constexpr std::size_t kMaxSampleText = 32;
char* write_sample_value(char* to, double value);
void append_sample_value(std::string& out, double value);

}  // namespace sentinella::query
