#include "query/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <fmt/compile.h>

namespace sentinella::query {
namespace {

bool append_special(std::string& out, double value) {
  if (std::isnan(value)) return out += "NaN", true;
  if (std::isinf(value)) return out += value > 0 ? "+Inf" : "-Inf", true;
  return false;
}

/// Added to a number and taken away again, leaves its nearest whole number, up to 2^51.
constexpr double kRounder = 6755399441055744.0;  // 1.5 * 2^52

/// Most measurements have few decimals: then whole numbers do, several times faster than to_chars. With at
/// most 15 digits no other decimal reads back to the same double, so this is the shortest one. Null: not such
/// a number.
char* write_short_decimal(char* to, double value) {
  constexpr std::int64_t kScale = 10'000;
  constexpr int kDecimals = 4;
  constexpr double kMost = 1e15;
  if (value == 0 && std::signbit(value)) return nullptr;
  if (std::abs(value) < kMost && (value + kRounder) - kRounder == value)
    return std::to_chars(to, to + 20, static_cast<std::int64_t>(value)).ptr;
  const double scaled = value * static_cast<double>(kScale);
  if (!(std::abs(scaled) < kMost)) return nullptr;
  const double rounded = (scaled + kRounder) - kRounder;
  if (rounded / static_cast<double>(kScale) != value) return nullptr;
  const auto whole = static_cast<std::int64_t>(rounded);
  if (whole < 0) *to++ = '-';
  const std::int64_t magnitude = std::abs(whole);
  to = std::to_chars(to, to + 20, magnitude / kScale).ptr;
  std::int64_t rest = magnitude % kScale;
  int decimals = kDecimals;
  for (; rest % 10 == 0; rest /= 10) --decimals;
  *to++ = '.';
  for (int i = decimals; i-- > 0; rest /= 10) to[i] = static_cast<char>('0' + rest % 10);
  return to + decimals;
}

/// The shortest digits of a finite number that read back to it, and where its decimal point is.
struct Digits {
  std::array<char, 24> text;
  int count = 0;
  int point = 0;  ///< this many of them are before it; may be less than none, or more than there are
  bool negative = false;
};

Digits digits_of(double value) {
  Digits digits;
  std::array<char, 32> buffer;
  const char* const end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  const char* at = buffer.data();
  if (*at == '-') digits.negative = true, ++at;
  for (; at != end && *at != 'e'; ++at)
    if (*at != '.') digits.text[static_cast<std::size_t>(digits.count++)] = *at;
  int exponent = 0;
  if (at != end) std::from_chars(at + (at[1] == '+' ? 2 : 1), end, exponent);
  digits.point = exponent + 1;
  return digits;
}

/// Without an exponent. to_chars' own fixed form writes all digits of a large number, not only those that
/// tell it apart.
char* write_fixed(char* to, const Digits& digits) {
  const auto copy = [&](int from, int until) {
    to = std::copy(digits.text.begin() + from, digits.text.begin() + until, to);
  };
  if (digits.negative) *to++ = '-';
  if (digits.point <= 0) {
    *to++ = '0';
    *to++ = '.';
    to = std::fill_n(to, -digits.point, '0');
    copy(0, digits.count);
  } else if (digits.point >= digits.count) {
    copy(0, digits.count);
    to = std::fill_n(to, digits.point - digits.count, '0');
  } else {
    copy(0, digits.point);
    *to++ = '.';
    copy(digits.point, digits.count);
  }
  return to;
}

/// Room for any number without an exponent: 5e-324 has 323 zeros and then its digits.
constexpr std::size_t kMaxFixedText = 352;

void append_fixed(std::string& out, double value) {
  std::array<char, kMaxFixedText> buffer;
  out.append(buffer.data(), write_fixed(buffer.data(), digits_of(value)));
}

bool wants_exponent(double value, double least, double most) {
  const double magnitude = std::abs(value);
  return magnitude != 0 && (magnitude < least || magnitude >= most);
}

}  // namespace

std::string number_text(double value) {
  std::string out;
  if (std::isinf(value) && value > 0) return "Inf";
  if (append_special(out, value)) return out;
  if (!wants_exponent(value, 1e-4, 1e21)) return append_fixed(out, value), out;
  out.resize(kMaxSampleText);
  out.resize(static_cast<std::size_t>(
      std::to_chars(out.data(), out.data() + out.size(), value, std::chars_format::scientific).ptr -
      out.data()));
  return out;
}

std::string decimal_text(double value) {
  std::string out;
  if (!append_special(out, value)) append_fixed(out, value);
  return out;
}

char* write_sample_value(char* to, double value) {
  if (char* end = write_short_decimal(to, value)) return end;
  if (!std::isfinite(value)) {
    std::string text;
    append_special(text, value);
    return std::ranges::copy(text, to).out;
  }
  // In these bounds fmt writes no exponent either, and writes the same digits faster than to_chars finds
  // them.
  if (!wants_exponent(value, 1e-4, 1e15)) return fmt::format_to(to, FMT_COMPILE("{}"), value);
  if (wants_exponent(value, 1e-6, 1e21))
    return std::to_chars(to, to + kMaxSampleText, value, std::chars_format::scientific).ptr;
  return write_fixed(to, digits_of(value));
}

void append_sample_value(std::string& out, double value) {
  std::array<char, kMaxSampleText> buffer;
  out.append(buffer.data(), write_sample_value(buffer.data(), value));
}

}  // namespace sentinella::query
