#include "codec/decimal.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

#include "base/text.h"

namespace sentinella::codec {
namespace {

constexpr std::array<double, 23> kPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::ptrdiff_t kExactDigits = 15;
constexpr int kMaxExponent = 10'000;  ///< beyond any double; further digits change nothing

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "inf", "infinity", "nan" at `text`, a sign already taken.
const char* parse_word(const char* text, const char* end, bool negative, double& value) {
  const std::string_view rest(text, static_cast<std::size_t>(end - text));
  if (iequals(rest.substr(0, 3), "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
    return text + 3;
  }
  if (!iequals(rest.substr(0, 3), "inf")) return nullptr;
  value = std::numeric_limits<double>::infinity();
  if (negative) value = -value;
  return text + (iequals(rest.substr(3, 5), "inity") ? 8 : 3);
}

/// What the fast way cannot do exactly: long digits, extreme exponents.
double parse_exactly(const char* first, const char* last) {
  double value = 0;
  if (std::from_chars(first, last, value).ec == std::errc{}) return value;
  return std::strtod(std::string(first, last).c_str(), nullptr);  // out of range: to infinity or zero
}

}  // namespace

const char* parse_decimal(const char* text, const char* end, double& value) {
  const char* p = text;
  const bool negative = *p == '-';
  if (*p == '-' || *p == '+') ++p;
  const char* const first = p;
  std::uint64_t mantissa = 0;
  while (is_digit(*p)) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p++ - '0');
  std::ptrdiff_t digits = p - first;
  int exponent = 0;
  if (*p == '.') {
    const char* const fraction = ++p;
    while (is_digit(*p)) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p++ - '0');
    digits += p - fraction;
    exponent = static_cast<int>(fraction - p);
  }
  if (digits == 0) return p == first ? parse_word(first, end, negative, value) : nullptr;
  if (*p == 'e' || *p == 'E') {
    const char* q = p + 1;
    const bool down = *q == '-';
    if (*q == '-' || *q == '+') ++q;
    if (!is_digit(*q)) return nullptr;
    int written = 0;
    for (; is_digit(*q); ++q)
      if (written < kMaxExponent) written = written * 10 + (*q - '0');
    exponent += down ? -written : written;
    p = q;
  }
  const int magnitude = exponent < 0 ? -exponent : exponent;
  if (digits <= kExactDigits && magnitude < static_cast<int>(kPowers.size())) {
    const double exact = static_cast<double>(mantissa);
    const double power = kPowers[static_cast<std::size_t>(magnitude)];
    value = exponent < 0 ? exact / power : exact * power;
  } else {
    value = parse_exactly(first, p);
  }
  if (negative) value = -value;
  return p;
}

}  // namespace sentinella::codec
