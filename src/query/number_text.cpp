#include "query/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace sentinella::query {
namespace {

bool append_special(std::string& out, double value) {
  if (std::isnan(value)) return out += "NaN", true;
  if (std::isinf(value)) return out += value > 0 ? "+Inf" : "-Inf", true;
  return false;
}

/// Most measurements have few decimals: then whole numbers do, several times faster than to_chars. With at
/// most 15 digits no other decimal reads back to the same double, so this is the shortest one. Null: not such
/// a number.
char* write_short_decimal(char* to, double value) {
  std::int64_t scale = 1;
  for (int decimals = 0; decimals <= 4; ++decimals, scale *= 10) {
    const double scaled = value * static_cast<double>(scale);
    if (!(std::abs(scaled) < 1e15)) return nullptr;
    const std::int64_t whole = std::llrint(scaled);
    if (static_cast<double>(whole) / static_cast<double>(scale) != value) continue;
    if (whole == 0 && std::signbit(value)) return nullptr;
    if (whole < 0) *to++ = '-';
    const std::int64_t magnitude = std::abs(whole);
    to = std::to_chars(to, to + 20, magnitude / scale).ptr;
    if (decimals == 0) return to;
    *to++ = '.';
    std::int64_t rest = magnitude % scale;
    for (int i = decimals; i-- > 0; rest /= 10) to[i] = static_cast<char>('0' + rest % 10);
    return to + decimals;
  }
  return nullptr;
}

/// Without an exponent. to_chars' own fixed form writes all digits of a large number, not only those that
/// tell it apart.
void append_fixed(std::string& out, double value) {
  std::array<char, 32> buffer;
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

char* write_sample_value(char* to, double value) {
  if (char* end = write_short_decimal(to, value)) return end;
  std::string text;
  append_with_limits(text, value, 1e-6, 1e21);
  return std::ranges::copy(text, to).out;
}

void append_sample_value(std::string& out, double value) {
  std::array<char, kMaxSampleText> buffer;
  out.append(buffer.data(), write_sample_value(buffer.data(), value));
}

}  // namespace sentinella::query
