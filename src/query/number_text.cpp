#include "query/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace sentinella::query {
namespace {

bool append_special(std::string& out, double value) {
  if (std::isnan(value)) return out += "NaN", true;
  if (std::isinf(value)) return out += value > 0 ? "+Inf" : "-Inf", true;
  return false;
}

/// to_chars' own fixed form writes all digits of a large number, not only those that tell it apart.
void append_fixed(std::string& out, double value) {
  std::array<char, 32> buffer;
  if (std::abs(value) < 1e15) {
    if (const auto whole = static_cast<std::int64_t>(value);
        static_cast<double>(whole) == value && (whole != 0 || !std::signbit(value))) {
      const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), whole).ptr;
      out.append(buffer.data(), end);
      return;
    }
  }
  if (std::abs(value) < 1e15) {
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    if (const std::string_view text(buffer.data(), end); !text.contains('e')) {
      out += text;
      return;
    }
  }
  const auto* end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  std::string digits;
  const char* at = buffer.data();
  if (*at == '-') out += '-', ++at;
  for (; at != end && *at != 'e'; ++at)
    if (*at != '.') digits += *at;
  int exponent = 0;
  if (at != end) std::from_chars(at + (at[1] == '+' ? 2 : 1), end, exponent);
  const int point = exponent + 1;  // digits before the decimal point
  const auto count = static_cast<int>(digits.size());
  if (point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else if (point >= count) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else {
    out.append(digits, 0, static_cast<std::size_t>(point));
    out += '.';
    out.append(digits, static_cast<std::size_t>(point));
  }
}

void append_exponent(std::string& out, double value) {
  std::array<char, 32> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  out.append(buffer.data(), end);
}

void append_with_limits(std::string& out, double value, double least, double most) {
  if (append_special(out, value)) return;
  const double magnitude = std::abs(value);
  if (magnitude != 0 && (magnitude < least || magnitude >= most))
    append_exponent(out, value);
  else
    append_fixed(out, value);
}

}  // namespace

std::string number_text(double value) {
  std::string out;
  if (std::isinf(value) && value > 0) return "Inf";
  append_with_limits(out, value, 1e-4, 1e21);
  return out;
}

std::string decimal_text(double value) {
  std::string out;
  if (!append_special(out, value)) append_fixed(out, value);
  return out;
}

void append_sample_value(std::string& out, double value) {
  append_with_limits(out, value, 1e-6, 1e21);
}

}  // namespace sentinella::query
