#include "base/time.h"

#include <array>
#include <charconv>
#include <ctime>
#include <limits>

namespace sentinella {
namespace {

class KernelClock final : public Clock {
 public:
  explicit KernelClock(clockid_t id) : id_(id) {}
  Time now() const override {
    timespec ts{};
    clock_gettime(id_, &ts);
    return {ts.tv_sec * 1'000'000'000 + ts.tv_nsec};
  }

 private:
  clockid_t id_;
};

struct Unit {
  std::string_view name;
  std::int64_t ns;
};
constexpr std::array kUnits{
    Unit{"w", 604'800'000'000'000},
    Unit{"d", 86'400'000'000'000},
    Unit{"h", 3'600'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},
    Unit{"us", 1'000},
    Unit{"ns", 1},
};

bool take_digits(std::string_view& text, int count, int& out) {
  const auto digits = text.substr(0, static_cast<std::size_t>(count));
  out = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    out = 10 * out + (c - '0');
  }
  text.remove_prefix(digits.size());
  return digits.size() == static_cast<std::size_t>(count);
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

/// Up to nine digits after the point, as nanoseconds; further digits are refused.
bool take_fraction(std::string_view& text, std::int64_t& ns) {
  std::int64_t scale = 100'000'000;
  std::size_t n = 0;
  for (; n < text.size() && text[n] >= '0' && text[n] <= '9'; ++n, scale /= 10) {
    if (n == 9) return false;
    ns += (text[n] - '0') * scale;
  }
  text.remove_prefix(n);
  return n > 0;
}

bool take_offset(std::string_view& text, int& minutes) {
  if (take(text, 'Z') || take(text, 'z')) return true;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  int h = 0, m = 0;
  if (!take_digits(text, 2, h) || !take(text, ':') || !take_digits(text, 2, m) || h > 23 || m > 59)
    return false;
  minutes = sign * (h * 60 + m);
  return true;
}

}  // namespace

const Clock& system_clock() {
  static const KernelClock clock(CLOCK_REALTIME);
  return clock;
}

const Clock& monotonic_clock() {
  static const KernelClock clock(CLOCK_MONOTONIC);
  return clock;
}

std::string to_rfc3339(Time t) {
  using namespace std::chrono;
  const sys_time<nanoseconds> instant{nanoseconds(t.ns)};
  const auto day = floor<days>(instant);
  const year_month_day date{day};
  const hh_mm_ss clock{instant - day};
  std::string text;
  text.reserve(30);
  // Lists hold tens of thousands of these.
  const auto digits = [&](std::int64_t number, int width, char before) {
    if (before != 0) text.push_back(before);
    text.resize(text.size() + static_cast<std::size_t>(width));
    for (auto at = text.rbegin(); width > 0; --width, number /= 10)
      *at++ = static_cast<char>('0' + number % 10);
  };
  digits(static_cast<int>(date.year()), 4, 0);  // an int64 of nanoseconds reaches from 1677 to 2262
  digits(static_cast<unsigned>(date.month()), 2, '-');
  digits(static_cast<unsigned>(date.day()), 2, '-');
  digits(clock.hours().count(), 2, 'T');
  digits(clock.minutes().count(), 2, ':');
  digits(clock.seconds().count(), 2, ':');
  const std::int64_t fraction = clock.subseconds().count();
  if (fraction % 1'000'000 == 0) {
    digits(fraction / 1'000'000, 3, '.');
  } else if (fraction % 1'000 == 0) {
    digits(fraction / 1'000, 6, '.');
  } else {
    digits(fraction, 9, '.');
  }
  text.push_back('Z');
  return text;
}

Result<Time> parse_rfc3339(std::string_view text) {
  const std::string_view whole = text;
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, offset = 0;
  std::int64_t fraction = 0;
  const bool shape = take_digits(text, 4, y) && take(text, '-') && take_digits(text, 2, mo) &&
                     take(text, '-') && take_digits(text, 2, d) &&
                     (take(text, 'T') || take(text, 't') || take(text, ' ')) && take_digits(text, 2, h) &&
                     take(text, ':') && take_digits(text, 2, mi) && take(text, ':') &&
                     take_digits(text, 2, s) && (!take(text, '.') || take_fraction(text, fraction)) &&
                     take_offset(text, offset) && text.empty();
  using namespace std::chrono;
  const year_month_day date{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
  if (!shape || !date.ok() || h > 23 || mi > 59 || s > 60 || y < 1678 || y > 2261)
    return fail(Errc::kInvalid, "\"{}\" is not an RFC 3339 time such as 2026-03-02T10:11:12.345Z",
                whole.substr(0, 64));
  const auto seconds =
      sys_days(date).time_since_epoch().count() * 86'400LL + h * 3600LL + mi * 60LL + s - offset * 60LL;
  return Time{seconds * 1'000'000'000 + fraction};
}

Result<Duration> parse_duration(std::string_view text) {
  const std::string_view whole = text;
  const auto bad = [&] {
    return fail(Errc::kInvalid, "\"{}\" is not a duration such as 250ms, 90s, 5m, 1h30m or 14d",
                whole.substr(0, 64));
  };
  if (text.empty()) return bad();
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t amount = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    if (error != std::errc{} || amount < 0) return bad();
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    std::size_t letters = 0;
    while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') ++letters;
    std::string_view name = text.substr(0, letters);
    if (name.empty() && text.empty() && total == 0) name = "s";
    text.remove_prefix(letters);
    std::int64_t unit = 0;
    for (const Unit& u : kUnits)
      if (u.name == name) unit = u.ns;
    std::int64_t part = 0;
    if (unit == 0 || __builtin_mul_overflow(amount, unit, &part) ||
        __builtin_add_overflow(total, part, &total))
      return bad();
  }
  return Duration(total);
}

std::string to_text(Duration d) {
  std::int64_t rest = d.count();
  if (rest == 0) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    if (unit.name == "w") continue;
    if (const std::int64_t n = rest / unit.ns; n > 0) {
      text += fmt::format("{}{}", n, unit.name);
      rest %= unit.ns;
    }
  }
  return text;
}

}  // namespace sentinella
