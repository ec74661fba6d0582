#include "codec/decimal_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

namespace sentinella::codec {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The end of the number's text by its grammar; `from` when there is none.
const char* end_of_number(const char* from, const char* end, unsigned& whole_digits) {
  const char* at = from;
  if (at != end && *at == '-') ++at;
  const char* const digits = at;
  while (at != end && is_digit(*at)) ++at;
  auto count = static_cast<std::size_t>(at - digits);
  whole_digits = static_cast<unsigned>(count);
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    while (at != end && is_digit(*at)) ++at;
    count += static_cast<std::size_t>(at - fraction);
    whole_digits = 0;
  }
  if (count == 0) return from;
  if (at == end || (*at != 'e' && *at != 'E')) return at;
  const char* exponent = at + 1;
  if (exponent != end && (*exponent == '+' || *exponent == '-')) ++exponent;
  if (exponent == end || !is_digit(*exponent)) return at;
  while (exponent != end && is_digit(*exponent)) ++exponent;
  whole_digits = 0;
  return exponent;
}

}  // namespace

const char* scan_decimal_slowly(const char* from, const char* end, DecimalNumber& out) {
  const char* const stop = end_of_number(from, end, out.whole_digits);
  if (stop == from) return nullptr;
  const auto [parsed, error] = std::from_chars(from, stop, out.value);
  if (error == std::errc::result_out_of_range) {
    // Too small is zero or subnormal, too large is refused: strtod tells which.
    out.value = std::strtod(std::string(from, stop).c_str(), nullptr);
    return std::isinf(out.value) ? nullptr : stop;
  }
  return error == std::errc() && parsed == stop ? stop : nullptr;
}

}  // namespace sentinella::codec
