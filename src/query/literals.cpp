// Strings, durations and numbers as PromQL writes them (the literal half of lexer.h).
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "query/lexer.h"

namespace sentinella::query {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6)), byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12)), byte(0x80 | ((code >> 6) & 0x3F)), byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | (code >> 18)), byte(0x80 | ((code >> 12) & 0x3F));
    byte(0x80 | ((code >> 6) & 0x3F)), byte(0x80 | (code & 0x3F));
  }
}

constexpr std::string_view kSimpleEscapes = "abfnrtv\\";
constexpr std::string_view kSimpleValues = "\a\b\f\n\r\t\v\\";

/// Reads the escape after a backslash at `text[at]`, moves `at` behind it.
Result<void> read_escape(std::string_view text, std::size_t& at, char quote, std::string& out) {
  const char kind = text[at++];
  if (kind == quote) {
    out += quote;
    return {};
  }
  if (const auto simple = kSimpleEscapes.find(kind); simple != std::string_view::npos) {
    out += kSimpleValues[simple];
    return {};
  }
  const bool octal = kind >= '0' && kind <= '7';
  if (octal) --at;
  const std::size_t digits = octal ? 3 : kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  if (digits == 0) return fail(Errc::kInvalid, "unknown escape sequence \\{}", kind);
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < digits; ++i, ++at) {
    if (at >= text.size()) return fail(Errc::kInvalid, "escape sequence not terminated");
    const int digit = hex_value(text[at]);
    if (digit >= (octal ? 8 : 16))
      return fail(Errc::kInvalid, "illegal character '{}' in escape sequence", text[at]);
    code = code * (octal ? 8 : 16) + static_cast<std::uint32_t>(digit);
  }
  const std::uint32_t most = octal ? 0xFF : 0x10FFFF;
  if (code > most || (code >= 0xD800 && code < 0xE000))
    return fail(Errc::kInvalid, "escape sequence is an invalid Unicode code point");
  if (kind == 'u' || kind == 'U')
    append_utf8(out, code);
  else
    out += static_cast<char>(code);
  return {};
}

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array<Unit, 7> kUnits{{{"y", 365LL * 86'400'000},
                                      {"w", 7LL * 86'400'000},
                                      {"d", 86'400'000},
                                      {"h", 3'600'000},
                                      {"m", 60'000},
                                      {"s", 1000},
                                      {"ms", 1}}};
// What fits into 64-bit nanoseconds.
constexpr std::int64_t kMostMs = std::numeric_limits<std::int64_t>::max() / 1'000'000;

}  // namespace

Result<std::string> unquote(std::string_view quoted) {
  const char quote = quoted.front();
  const auto text = quoted.substr(1, quoted.size() - 2);
  if (quote == '`') return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out += text[i++];
      continue;
    }
    if (++i >= text.size()) return fail(Errc::kInvalid, "escape sequence not terminated");
    SENT_TRY(read_escape(text, i, quote, out));
  }
  return out;
}

Result<std::int64_t> parse_duration_ms(std::string_view text) {
  const auto bad = [&] { return fail(Errc::kInvalid, "not a valid duration string: \"{}\"", text); };
  if (text.empty()) return fail(Errc::kInvalid, "empty duration string");
  if (text == "0") return 0;
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  for (std::size_t i = 0; i < text.size();) {
    std::int64_t count = 0;
    const auto* begin = text.data() + i;
    const auto [stop, error] = std::from_chars(begin, text.data() + text.size(), count);
    if (error != std::errc() || *begin == '-') return bad();
    i = static_cast<std::size_t>(stop - text.data());
    std::size_t length = 0;
    while (i + length < text.size() && text[i + length] >= 'a' && text[i + length] <= 'z') ++length;
    const auto name = text.substr(i, length);
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return bad();
    const std::int64_t unit = kUnits[next_unit++].ms;
    if (count > (kMostMs - total) / unit) return fail(Errc::kInvalid, "duration out of range");
    total += count * unit;
    i += length;
  }
  return total;
}

std::string duration_text(std::int64_t ms) {
  if (ms == 0) return "0s";
  std::string out;
  for (const Unit& unit : kUnits) {
    // Years and weeks only when they say it all: 90d reads better than 12w6d.
    const bool whole_only = unit.name == "y" || unit.name == "w";
    if (ms < unit.ms || (whole_only && ms % unit.ms != 0)) continue;
    out += std::to_string(ms / unit.ms);
    out += unit.name;
    ms %= unit.ms;
  }
  return out;
}

Result<double> parse_number(std::string_view text) {
  const auto bad = [&] { return fail(Errc::kInvalid, "error parsing number: \"{}\" is no number", text); };
  if (iequals(text, "inf")) return std::numeric_limits<double>::infinity();
  if (iequals(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  const auto* begin = text.data();
  const auto* end = text.data() + text.size();
  const bool hex = text.size() > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const bool octal = !hex && text.size() > 1 && text[0] == '0';
  if (hex || octal) {
    std::int64_t whole = 0;
    const auto [stop, error] = std::from_chars(begin + (hex ? 2 : 1), end, whole, hex ? 16 : 8);
    if (error == std::errc() && stop == end) return static_cast<double>(whole);
    if (hex) return bad();
  }
  double value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end) return bad();
  return value;
}

}  // namespace sentinella::query
