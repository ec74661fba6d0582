#include "api/gnocchi/time_text.h"

#include <array>
#include <chrono>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads from the front of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char c) {
    if (peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t') rest_.remove_prefix(1);
  }
  /// Between `least` and `most` digits.
  std::optional<int> digits(std::size_t least, std::size_t most) {
    std::size_t count = 0;
    int value = 0;
    while (count < most && count < rest_.size() && is_digit(rest_[count]))
      value = value * 10 + (rest_[count++] - '0');
    if (count < least) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }
  /// Digits with an optional fraction.
  std::string_view decimal() {
    std::size_t count = 0;
    bool point = false;
    for (; count < rest_.size() && (is_digit(rest_[count]) || (rest_[count] == '.' && !point)); ++count)
      point = point || rest_[count] == '.';
    const auto text = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return text;
  }
  std::string_view word() {
    std::size_t count = 0;
    while (count < rest_.size() && ((rest_[count] | 32) >= 'a' && (rest_[count] | 32) <= 'z')) ++count;
    const auto text = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return text;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// The fraction of a second after its point; further digits are dropped.
std::optional<std::int64_t> read_fraction(Cursor& at) {
  std::int64_t ns = 0, unit = kSecond / 10;
  bool any = false;
  while (is_digit(at.peek())) {
    ns += (at.peek() - '0') * unit;
    unit /= 10;
    any = true;
    at.take(at.peek());
  }
  if (!any) return std::nullopt;
  return ns;
}

/// Nanoseconds to add for a zone; nullopt: not a zone.
std::optional<std::int64_t> read_zone(Cursor& at) {
  if (at.done() || at.take('Z') || at.take('z')) return 0;
  const bool west = at.peek() == '-';
  if (!at.take('+') && !at.take('-')) return std::nullopt;
  const auto hours = at.digits(2, 2);
  if (!hours) return std::nullopt;
  at.take(':');
  const auto minutes = at.done() ? std::optional(0) : at.digits(2, 2);
  if (!minutes) return std::nullopt;
  const std::int64_t offset = (*hours * 3600 + *minutes * 60) * kSecond;
  return west ? offset : -offset;
}

std::optional<std::int64_t> read_time_of_day(Cursor& at) {
  const auto hour = at.digits(1, 2);
  if (!hour || *hour > 23) return std::nullopt;
  std::int64_t ns = *hour * 3600 * kSecond;
  if (at.take(':')) {
    const auto minute = at.digits(1, 2);
    if (!minute || *minute > 59) return std::nullopt;
    ns += *minute * 60 * kSecond;
    if (at.take(':')) {
      const auto second = at.digits(1, 2);
      if (!second || *second > 60) return std::nullopt;
      ns += *second * kSecond;
      if (at.take('.') || at.take(',')) {
        const auto fraction = read_fraction(at);
        if (!fraction) return std::nullopt;
        ns += *fraction;
      }
    }
  }
  at.skip_spaces();
  const auto zone = read_zone(at);
  if (!zone) return std::nullopt;
  return ns + *zone;
}

std::optional<Time> parse_date(std::string_view text) {
  Cursor at(text);
  const auto year = at.digits(4, 4);
  int month = 1, day = 1;
  if (!year) return std::nullopt;
  if (at.take('-')) {
    const auto read = at.digits(1, 2);
    if (!read) return std::nullopt;
    month = *read;
    if (at.take('-')) {
      const auto second = at.digits(1, 2);
      if (!second) return std::nullopt;
      day = *second;
    }
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // Nanoseconds of 64 bits end in 2262.
  if (!date.ok() || *year < 1700 || *year > 2261) return std::nullopt;
  std::int64_t ns = std::chrono::sys_days(date).time_since_epoch().count() * kDay;
  if (at.take('T') || at.take('t') || at.take(' ')) {
    const auto of_day = read_time_of_day(at);
    if (!of_day) return std::nullopt;
    ns += *of_day;
  }
  if (!at.done()) return std::nullopt;
  return Time{ns};
}

struct Unit {
  std::string_view names;  ///< each between spaces
  std::int64_t ns;
};
constexpr std::array<Unit, 5> kUnits{{{" w wk wks week weeks ", 7 * kDay},
                                      {" d day days ", kDay},
                                      {" h hr hrs hour hours ", 3600 * kSecond},
                                      {" m min mins minute minutes ", 60 * kSecond},
                                      {" s sec secs second seconds ", kSecond}}};

/// How many of `unit_ns` the decimal text says; nullopt when that does not fit.
std::optional<std::int64_t> scaled(std::string_view decimal, std::int64_t unit_ns) {
  const auto number = parse_double(decimal);
  if (!number || std::abs(*number) * static_cast<double>(unit_ns) > 9.2e18) return std::nullopt;
  return std::llround(*number * static_cast<double>(unit_ns));
}

/// What follows the first number of "1:02:03" or "4:13".
std::optional<std::int64_t> read_clock(std::string_view first, Cursor& at) {
  std::vector<std::string_view> parts{first};
  while (at.take(':')) parts.push_back(at.decimal());
  if (parts.size() > 3) return std::nullopt;
  std::int64_t total = 0, unit = kSecond;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part, unit *= 60) {
    const auto ns = scaled(*part, unit);
    if (!ns) return std::nullopt;
    total += *ns;
  }
  return total;
}

std::optional<std::int64_t> parse_words(std::string_view text) {
  Cursor at(text);
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  bool any = false;
  for (at.skip_spaces(); !at.done(); at.skip_spaces()) {
    if (any && at.take(',')) at.skip_spaces();
    const auto number = at.decimal();
    if (number.empty()) return std::nullopt;
    if (at.peek() == ':') {
      const auto clock = read_clock(number, at);
      at.skip_spaces();
      if (!clock || !at.done() || __builtin_add_overflow(total, *clock, &total)) return std::nullopt;
      return total;
    }
    at.skip_spaces();
    const std::string name = " " + to_lower(at.word()) + " ";
    while (next_unit < kUnits.size() && !kUnits[next_unit].names.contains(name)) ++next_unit;
    if (name == "  " || next_unit == kUnits.size()) return std::nullopt;
    const auto ns = scaled(number, kUnits[next_unit++].ns);
    if (!ns || __builtin_add_overflow(total, *ns, &total)) return std::nullopt;
    any = true;
  }
  if (!any) return std::nullopt;
  return total;
}

void append_two(std::string& out, std::int64_t number) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

}  // namespace

void append_iso(std::string& out, Time t) {
  const std::int64_t days = floor_div(t.ns, kDay);
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  std::int64_t ns = t.ns - days * kDay;
  const int year = static_cast<int>(date.year());
  append_two(out, year / 100);
  append_two(out, year);
  out += '-';
  append_two(out, static_cast<unsigned>(date.month()));
  out += '-';
  append_two(out, static_cast<unsigned>(date.day()));
  out += 'T';
  append_two(out, ns / (3600 * kSecond));
  out += ':';
  append_two(out, ns / (60 * kSecond) % 60);
  out += ':';
  append_two(out, ns / kSecond % 60);
  ns %= kSecond;
  if (ns % 1000 != 0)
    out += fmt::format(".{:09}", ns);
  else if (ns != 0)
    out += fmt::format(".{:06}", ns / 1000);
  out += "+00:00";
}

std::string iso_text(Time t) {
  std::string out;
  append_iso(out, t);
  return out;
}

std::string span_text(Duration span) {
  const std::int64_t days = floor_div(span.count(), kDay);
  const std::int64_t ns = span.count() - days * kDay;
  std::string text;
  if (days != 0) text = fmt::format("{} day{}, ", days, days == 1 || days == -1 ? "" : "s");
  text += fmt::format("{}:{:02}:{:02}", ns / (3600 * kSecond), ns / (60 * kSecond) % 60, ns / kSecond % 60);
  if (const std::int64_t micros = ns % kSecond / 1000; micros != 0) text += fmt::format(".{:06}", micros);
  return text;
}

std::optional<std::int64_t> parse_seconds(std::string_view text) {
  const auto number = parse_double(text);
  if (!number || !std::isfinite(*number) || std::abs(*number) > 9.2e9) return std::nullopt;
  // A double has not enough digits for the nanoseconds of today.
  const bool negative = text.starts_with('-');
  Cursor at(negative ? text.substr(1) : text);
  std::int64_t seconds = 0, fraction = 0;
  const bool plain = text.find_first_not_of("-.0123456789") == std::string_view::npos && is_digit(at.peek());
  if (!plain) return std::llround(*number * 1e9);
  while (is_digit(at.peek())) {
    seconds = seconds * 10 + (at.peek() - '0');
    at.take(at.peek());
  }
  if (at.take('.')) fraction = read_fraction(at).value_or(0);
  const std::int64_t ns = seconds * kSecond + fraction;
  return negative ? -ns : ns;
}

std::optional<Duration> parse_span(std::string_view text) {
  text = trim(text);
  if (const auto seconds = parse_seconds(text)) return Duration(*seconds);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text = trim(text.substr(1));
  const auto ns = parse_words(text);
  if (!ns) return std::nullopt;
  return Duration(negative ? -*ns : *ns);
}

std::optional<Stamp> parse_stamp(std::string_view text, Time now) {
  text = trim(text);
  if (const auto seconds = parse_seconds(text)) return Stamp{{*seconds}, StampKind::number};
  if (const auto date = parse_date(text)) return Stamp{*date, StampKind::date};
  if (text == "now") return Stamp{now, StampKind::relative};
  const auto span = parse_span(text);
  std::int64_t ns = 0;
  if (!span || __builtin_add_overflow(now.ns, span->count(), &ns)) return std::nullopt;
  return Stamp{{ns}, StampKind::relative};
}

Time calendar_floor(Time t, char group) {
  using std::chrono::month;
  const std::chrono::sys_days day{std::chrono::days(floor_div(t.ns, kDay))};
  const auto at = [](std::chrono::sys_days first) { return Time{first.time_since_epoch().count() * kDay}; };
  if (group == 'W') {
    const auto since_sunday = std::chrono::weekday(day).c_encoding();
    return at(day - std::chrono::days(since_sunday));
  }
  const std::chrono::year_month_day date{day};
  const unsigned number = static_cast<unsigned>(date.month()) - 1;
  const unsigned months = group == 'Y' ? 12 : group == 'H' ? 6 : group == 'Q' ? 3 : 1;
  return at(std::chrono::sys_days(date.year() / month(number - number % months + 1) / 1));
}

}  // namespace sentinella::api::gnocchi
