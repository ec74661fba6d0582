#include "logs/block/time_text.h"

#include <array>
#include <chrono>
#include <cstring>

#include "logs/block/floor_div.h"
#include "logs/block/word_char.h"

namespace sentinella::logs {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view kWeekdays = "SunMonTueWedThuFriSat";
constexpr std::array<std::int64_t, 10> kUnitsPerSecond = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
constexpr std::int64_t kSecondsPerDay = 86'400;

/// Reads fixed-width pieces; after the first that is not there, ok() is false.
class Scanner {
 public:
  explicit Scanner(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  int number(std::size_t width) {
    int value = 0;
    if (at_ + width > text_.size()) return ok_ = false, 0;
    for (std::size_t i = 0; i < width; ++i, ++at_) {
      const char c = text_[at_];
      if (c < '0' || c > '9') return ok_ = false, 0;
      value = value * 10 + (c - '0');
    }
    return value;
  }
  /// Two places, the first of them blank for a number below ten.
  int padded() {
    if (peek() != ' ') {
      const int value = number(2);
      ok_ = ok_ && value >= 10;
      return value;
    }
    ++at_;
    return number(1);
  }
  void mark(char c) {
    ok_ = ok_ && peek() == c;
    ++at_;
  }
  /// The index of the three letters here in `names`.
  int name(std::string_view names) {
    if (at_ + 3 > text_.size()) return ok_ = false, 0;
    const std::string_view here = text_.substr(at_, 3);
    at_ += 3;
    for (std::size_t i = 0; i < names.size(); i += 3)
      if (names.substr(i, 3) == here) return static_cast<int>(i / 3);
    return ok_ = false, 0;
  }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool ok() const { return ok_; }
  std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_;
  bool ok_ = true;
};

struct Civil {
  int year = 0, month = 0, day = 0;  // month 1 to 12
  int hour = 0, minute = 0, second = 0;
};

void scan_clock(Scanner& in, Civil& civil) {
  civil.hour = in.number(2);
  in.mark(':');
  civil.minute = in.number(2);
  in.mark(':');
  civil.second = in.number(2);
}

std::optional<std::int64_t> to_seconds(const Civil& civil, std::optional<int> told_weekday) {
  const year_month_day date{year(civil.year), month(static_cast<unsigned>(civil.month)),
                            day(static_cast<unsigned>(civil.day))};
  if (!date.ok() || civil.hour > 23 || civil.minute > 59 || civil.second > 59) return std::nullopt;
  const sys_days at(date);
  if (told_weekday && weekday(at).c_encoding() != static_cast<unsigned>(*told_weekday)) return std::nullopt;
  return std::int64_t{at.time_since_epoch().count()} * kSecondsPerDay + civil.hour * 3600 +
         civil.minute * 60 + civil.second;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The fraction after the seconds, when there is one of up to nine digits.
std::int64_t scan_fraction(Scanner& in, TimeFormat& format) {
  if ((in.peek() != '.' && in.peek() != ',') || !is_digit(in.peek(1))) return 0;
  std::size_t digits = 1;
  while (digits < 10 && is_digit(in.peek(digits + 1))) ++digits;
  if (digits > 9) return 0;
  format.code = static_cast<std::uint8_t>(format.code | (in.peek() == ',' ? 8 : 0) | (digits << 4));
  in.mark(in.peek());
  return in.number(digits);
}

/// What follows the seconds; `in` stands behind them.
std::optional<TimeText> finish(Scanner& in, TimeFormat format, std::int64_t seconds) {
  // Nanoseconds in 64 bits reach from 1678 to 2262.
  if (seconds > 9'000'000'000 || seconds < -9'000'000'000) return std::nullopt;
  std::int64_t fraction = 0;
  if (format.style() != TimeFormat::kCtime && format.style() != TimeFormat::kSyslog)
    fraction = scan_fraction(in, format);
  if (format.style() == TimeFormat::kT && in.peek() == 'Z') {
    format.code = static_cast<std::uint8_t>((format.code & ~7) | TimeFormat::kZulu);
    in.mark('Z');
  }
  if (is_word_char(in.peek())) return std::nullopt;
  return TimeText{format, in.at(), seconds * kUnitsPerSecond[format.digits()] + fraction};
}

std::optional<TimeText> finish(Scanner& in, TimeFormat format, const Civil& civil,
                               std::optional<int> told_weekday = {}) {
  if (!in.ok()) return std::nullopt;
  const auto seconds = to_seconds(civil, told_weekday);
  return seconds ? finish(in, format, *seconds) : std::nullopt;
}

/// "2026-03-02" -> the second that the day begins with. The lines of a log mostly are of one day, so the last
/// answer is kept.
std::optional<std::int64_t> seconds_of_date(std::string_view date) {
  struct Known {
    std::array<char, 10> text{};
    std::int64_t seconds = 0;
  };
  thread_local Known known;
  if (std::memcmp(known.text.data(), date.data(), known.text.size()) == 0) return known.seconds;
  Scanner in(date);
  Civil civil;
  civil.year = in.number(4);
  in.mark('-');
  civil.month = in.number(2);
  in.mark('-');
  civil.day = in.number(2);
  const auto seconds = in.ok() ? to_seconds(civil, {}) : std::nullopt;
  if (!seconds) return std::nullopt;
  std::memcpy(known.text.data(), date.data(), known.text.size());
  return known.seconds = *seconds;
}

std::optional<TimeText> scan_iso(std::string_view text) {
  constexpr std::size_t kDate = 10, kWhole = 19;
  if (text.size() < kWhole || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const bool t = text[kDate] == 'T';
  if (!t && text[kDate] != ' ') return std::nullopt;
  unsigned bad = 0;
  const auto two_digits = [&](std::size_t at) {
    const unsigned tens = static_cast<unsigned char>(text[at]) - unsigned{'0'},
                   ones = static_cast<unsigned char>(text[at + 1]) - unsigned{'0'};
    bad |= (tens > 9 || ones > 9) ? 1u : 0u;
    return tens * 10 + ones;
  };
  const unsigned hour = two_digits(11), minute = two_digits(14), second = two_digits(17);
  if (bad != 0 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const auto day_begins = seconds_of_date(text.substr(0, kDate));
  if (!day_begins) return std::nullopt;
  Scanner in(text, kWhole);
  return finish(in, {t ? TimeFormat::kT : TimeFormat::kBlank},
                *day_begins + hour * 3600 + minute * 60 + second);
}

std::optional<TimeText> scan_access(std::string_view text) {
  Scanner in(text);
  Civil civil;
  civil.day = in.number(2);
  in.mark('/');
  civil.month = in.name(kMonths) + 1;
  in.mark('/');
  civil.year = in.number(4);
  in.mark(':');
  scan_clock(in, civil);
  return finish(in, {TimeFormat::kAccess}, civil);
}

std::optional<TimeText> scan_ctime(std::string_view text) {
  Scanner in(text);
  Civil civil;
  const int weekday_number = in.name(kWeekdays);
  in.mark(' ');
  civil.month = in.name(kMonths) + 1;
  in.mark(' ');
  civil.day = in.padded();
  in.mark(' ');
  scan_clock(in, civil);
  in.mark(' ');
  civil.year = in.number(4);
  return finish(in, {TimeFormat::kCtime}, civil, weekday_number);
}

std::optional<TimeText> scan_syslog(std::string_view text, int year_number) {
  Scanner in(text);
  Civil civil;
  civil.year = year_number;
  civil.month = in.name(kMonths) + 1;
  in.mark(' ');
  civil.day = in.padded();
  in.mark(' ');
  scan_clock(in, civil);
  return finish(in, {TimeFormat::kSyslog}, civil);
}

void put(std::string& out, std::uint64_t value, unsigned width) {
  char digits[20];
  for (unsigned i = width; i > 0; --i, value /= 10) digits[i - 1] = static_cast<char>('0' + value % 10);
  out.append(digits, width);
}

void put_padded(std::string& out, unsigned value) {
  if (value >= 10) return put(out, value, 2);
  out += ' ';
  put(out, value, 1);
}

void put_clock(std::string& out, std::int64_t second_of_day) {
  put(out, static_cast<std::uint64_t>(second_of_day / 3600), 2);
  out += ':';
  put(out, static_cast<std::uint64_t>(second_of_day / 60 % 60), 2);
  out += ':';
  put(out, static_cast<std::uint64_t>(second_of_day % 60), 2);
}

year_month_day date_of(std::int64_t day_number) {
  // What the calendar of <chrono> can name; beyond lies only damage.
  constexpr std::int64_t kFirst = -719'528, kLast = 2'932'896;
  day_number = std::min(std::max(day_number, kFirst), kLast);
  return sys_days(days(static_cast<int>(day_number)));
}

}  // namespace

std::int64_t TimeFormat::unit_ns() const {
  return 1'000'000'000 / kUnitsPerSecond[digits()];
}

std::optional<TimeText> scan_time(std::string_view text, int year) {
  if (text.size() < 15) return std::nullopt;
  if (text[4] == '-' && is_digit(text[0])) return scan_iso(text);
  if (text[2] == '/' && text[6] == '/') return scan_access(text);
  if (text[3] != ' ') return std::nullopt;
  return text[7] == ' ' ? scan_ctime(text) : scan_syslog(text, year);
}

void write_time(std::string& out, TimeFormat format, std::int64_t units) {
  const std::int64_t per_second = kUnitsPerSecond[format.digits()];
  const std::int64_t seconds = floor_div(units, per_second);
  const std::int64_t day_number = floor_div(seconds, kSecondsPerDay);
  const std::int64_t clock = seconds - day_number * kSecondsPerDay;
  const year_month_day date = date_of(day_number);
  const auto year_number = static_cast<std::uint64_t>(static_cast<int>(date.year()));
  const unsigned month_number = static_cast<unsigned>(date.month());
  const unsigned day_of_month = static_cast<unsigned>(date.day());
  const std::string_view month_name = kMonths.substr((month_number - 1) * 3, 3);
  switch (format.style()) {
    case TimeFormat::kBlank:
    case TimeFormat::kT:
    case TimeFormat::kZulu:
      put(out, year_number, 4);
      out += '-';
      put(out, month_number, 2);
      out += '-';
      put(out, day_of_month, 2);
      out += format.style() == TimeFormat::kBlank ? ' ' : 'T';
      put_clock(out, clock);
      break;
    case TimeFormat::kCtime:
      out += kWeekdays.substr(weekday(sys_days(date)).c_encoding() * 3, 3);
      out += ' ';
      out += month_name;
      out += ' ';
      put_padded(out, day_of_month);
      out += ' ';
      put_clock(out, clock);
      out += ' ';
      put(out, year_number, 4);
      break;
    case TimeFormat::kAccess:
      put(out, day_of_month, 2);
      out += '/';
      out += month_name;
      out += '/';
      put(out, year_number, 4);
      out += ':';
      put_clock(out, clock);
      break;
    case TimeFormat::kSyslog:
      out += month_name;
      out += ' ';
      put_padded(out, day_of_month);
      out += ' ';
      put_clock(out, clock);
      break;
  }
  if (format.digits() > 0) {
    out += format.mark();
    put(out, static_cast<std::uint64_t>(units - seconds * per_second), format.digits());
  }
  if (format.style() == TimeFormat::kZulu) out += 'Z';
}

int year_of(std::int64_t ns) {
  return static_cast<int>(date_of(floor_div(ns, kSecondsPerDay * 1'000'000'000)).year());
}

}  // namespace sentinella::logs
