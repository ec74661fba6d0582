#include "codec/log_time.h"

#include <array>
#include <cstring>

namespace sentinella::codec {
namespace {

/// Reads a text from left to right; once something does not match, nothing matches any more.
class Scanner {
 public:
  explicit Scanner(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  int digits(std::size_t count) {
    if (!ok_ || text_.size() - at_ < count) return fail();
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const char c = text_[at_ + i];
      if (c < '0' || c > '9') return fail();
      value = value * 10 + (c - '0');
    }
    at_ += count;
    return value;
  }
  /// Two digits, the first may be a blank.
  int padded() { return next_is(' ') ? (++at_, digits(1)) : digits(2); }
  void expect(char c) {
    if (next_is(c))
      ++at_;
    else
      fail();
  }
  bool take(char c) { return next_is(c) ? (++at_, true) : false; }
  /// 1 to 9 digits as nanoseconds.
  std::int64_t fraction() {
    constexpr std::int64_t kScale[] = {0,      100'000'000, 10'000'000, 1'000'000, 100'000,
                                       10'000, 1'000,       100,        10,        1};
    std::int64_t value = 0;
    std::size_t count = 0;
    for (; digit_next() && count < 9; ++at_, ++count) value = value * 10 + (text_[at_] - '0');
    if (count == 0) fail();
    return value * kScale[count];
  }
  unsigned month() {
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (!ok_ || text_.size() - at_ < 3) return fail();
    const std::size_t found = kMonths.find(text_.substr(at_, 3));
    if (found == std::string_view::npos || found % 3 != 0) return fail();
    at_ += 3;
    return static_cast<unsigned>(found / 3 + 1);
  }
  void weekday() {
    constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
    if (!ok_ || text_.size() - at_ < 3) return void(fail());
    const std::size_t found = kDays.find(text_.substr(at_, 3));
    if (found == std::string_view::npos || found % 3 != 0)
      fail();
    else
      at_ += 3;
  }
  /// "+0000" or "+00:00".
  Duration offset() {
    const bool west = next_is('-');
    ++at_;
    const int hours = digits(2);
    take(':');
    const int minutes = digits(2);
    if (hours > 23 || minutes > 59) fail();
    const Duration size = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return west ? -size : size;
  }
  bool next_is(char c) const { return ok_ && at_ < text_.size() && text_[at_] == c; }
  bool digit_next() const { return ok_ && at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }
  bool ok() const { return ok_; }
  std::size_t at() const { return at_; }

 private:
  int fail() {
    ok_ = false;
    return 0;
  }

  std::string_view text_;
  std::size_t at_;
  bool ok_ = true;
};

struct Clock24 {
  int hour, minute, second;
};

Clock24 clock(Scanner& in) {
  Clock24 out{};
  out.hour = in.digits(2);
  in.expect(':');
  out.minute = in.digits(2);
  in.expect(':');
  out.second = in.digits(2);
  return out;
}

std::optional<std::int64_t> wall(int y, unsigned mo, unsigned d, Clock24 t, std::int64_t fraction = 0) {
  using namespace std::chrono;
  const year_month_day date{year(y), month(mo), day(d)};
  // Within what 64 bits of nanoseconds hold, with a day to spare for the offset.
  if (y < 1678 || y > 2261 || !date.ok() || t.hour > 23 || t.minute > 59 || t.second > 60)
    return std::nullopt;
  const std::int64_t seconds =
      sys_days(date).time_since_epoch().count() * 86'400LL + t.hour * 3600LL + t.minute * 60LL + t.second;
  return seconds * 1'000'000'000 + fraction;
}

/// What may follow a time at the start of a line: "2026-03-02 10:11:12abc" is not one.
bool ends_well(std::string_view text, std::size_t at) {
  return at == text.size() || text[at] == ' ' ||
         std::string_view("\t|:;,]").find(text[at]) != std::string_view::npos;
}

/// ` 10:11:12.345` behind a month and a day, in the year that is nearest to `near`.
std::optional<WrittenTime> without_year(Scanner& in, std::string_view text, unsigned month, unsigned day,
                                        Time near) {
  in.expect(' ');
  const Clock24 t = clock(in);
  const std::int64_t fraction = in.take('.') ? in.fraction() : 0;
  if (!in.ok() || !ends_well(text, in.at())) return std::nullopt;
  using namespace std::chrono;
  const int this_year =
      static_cast<int>(year_month_day(floor<days>(sys_time<nanoseconds>(nanoseconds(near.ns)))).year());
  std::optional<std::int64_t> best;
  // Four years either way, because of 29 February.
  for (int y = this_year - 4; y <= this_year + 4; ++y) {
    const auto ns = wall(y, month, day, t, fraction);
    const auto distance = [&](std::int64_t at) { return at > near.ns ? at - near.ns : near.ns - at; };
    if (ns && (!best || distance(*ns) < distance(*best))) best = ns;
  }
  if (!best) return std::nullopt;
  return WrittenTime{*best, std::nullopt, in.at()};
}

}  // namespace

namespace {

constexpr std::size_t kToMinute = 16;

/// "2026-03-02" -> days since 1970.
std::optional<std::int64_t> days_of(std::string_view date) {
  Scanner in(date);
  const int y = in.digits(4);
  in.expect('-');
  const auto mo = static_cast<unsigned>(in.digits(2));
  in.expect('-');
  const auto d = static_cast<unsigned>(in.digits(2));
  const auto ns = wall(y, mo, d, {});
  if (!in.ok() || !ns) return std::nullopt;
  return *ns / 86'400'000'000'000;
}

/// "2026-03-02 10:11" (or with "T", or a blank-padded hour) -> seconds since 1970. The lines of a log mostly
/// are of one minute, so the last answer is kept.
std::optional<std::int64_t> seconds_to_minute(const char* text) {
  struct Known {
    std::array<char, kToMinute> text{};
    std::int64_t seconds = 0;
  };
  constinit thread_local Known known;
  if (std::memcmp(known.text.data(), text, kToMinute) == 0) return known.seconds;
  if (text[7] != '-' || text[13] != ':' || (text[10] != ' ' && text[10] != 'T')) return std::nullopt;
  Scanner in({text, kToMinute}, 11);
  const int hour = in.padded();
  in.expect(':');
  const int minute = in.digits(2);
  const auto days = days_of({text, 10});
  if (!in.ok() || !days || hour > 23 || minute > 59) return std::nullopt;
  std::memcpy(known.text.data(), text, kToMinute);
  return known.seconds = *days * 86'400 + hour * 3'600 + minute * 60;
}

}  // namespace

std::optional<WrittenTime> scan_iso_time(std::string_view text) {
  // This is asked of every line of every log, so the usual answers come first and cost little.
  if (text.size() < 19 || text[4] != '-' || text[kToMinute] != ':') return std::nullopt;
  const auto to_minute = seconds_to_minute(text.data());
  if (!to_minute) return std::nullopt;
  unsigned bad = 0;
  const auto digit = [&](std::size_t at) {
    const unsigned value = static_cast<unsigned char>(text[at]) - unsigned{'0'};
    bad |= value > 9 ? 1u : 0u;
    return value;
  };
  const unsigned second = digit(17) * 10 + digit(18);
  if (bad != 0 || second > 60) return std::nullopt;

  const std::int64_t seconds = *to_minute + second;
  WrittenTime out;
  // oslo.log's milliseconds.
  if (text.size() > 23 && text[19] == '.' && text[23] == ' ') {
    const unsigned millis = digit(20) * 100 + digit(21) * 10 + digit(22);
    out.wall_ns = seconds * 1'000'000'000 + millis * 1'000'000;
    out.length = 23;
    if (bad == 0) return out;
  }
  Scanner in(text, 19);
  std::int64_t fraction = 0;
  if (in.take('.')) {
    fraction = in.fraction();
  } else if (in.next_is(',')) {
    // A comma may also end the time: only digits after it are a fraction.
    Scanner ahead = in;
    ahead.take(',');
    if (ahead.digit_next()) in = ahead, fraction = in.fraction();
  }
  if (in.take('Z'))
    out.offset = Duration(0);
  else if (in.next_is('+') || in.next_is('-'))
    out.offset = in.offset();
  if (!in.ok() || !ends_well(text, in.at())) return std::nullopt;
  out.wall_ns = seconds * 1'000'000'000 + fraction;
  out.length = in.at();
  return out;
}

std::optional<WrittenTime> scan_syslog_time(std::string_view text, Time near) {
  if (text.size() < 15 || text[3] != ' ') return std::nullopt;
  Scanner in(text);
  const unsigned month = in.month();
  in.expect(' ');
  return without_year(in, text, month, static_cast<unsigned>(in.padded()), near);
}

std::optional<WrittenTime> scan_klog_time(std::string_view text, Time near) {
  Scanner in(text);
  const auto month = static_cast<unsigned>(in.digits(2));
  return without_year(in, text, month, static_cast<unsigned>(in.digits(2)), near);
}

std::optional<WrittenTime> scan_ctime(std::string_view text) {
  Scanner in(text);
  in.weekday();
  in.expect(' ');
  const unsigned mo = in.month();
  in.expect(' ');
  const auto d = static_cast<unsigned>(in.padded());
  in.expect(' ');
  const Clock24 t = clock(in);
  const std::int64_t fraction = in.take('.') ? in.fraction() : 0;
  in.expect(' ');
  const int y = in.digits(4);
  const auto ns = wall(y, mo, d, t, fraction);
  if (!in.ok() || !ns) return std::nullopt;
  return WrittenTime{*ns, std::nullopt, in.at()};
}

std::optional<WrittenTime> scan_access_time(std::string_view text) {
  if (text.size() < 20 || text[2] != '/') return std::nullopt;
  Scanner in(text);
  const auto d = static_cast<unsigned>(in.digits(2));
  in.expect('/');
  const unsigned mo = in.month();
  in.expect('/');
  const int y = in.digits(4);
  in.expect(':');
  const Clock24 t = clock(in);
  const std::int64_t fraction = in.take('.') ? in.fraction() : 0;
  WrittenTime out;
  if (in.take(' ')) {
    if (!in.next_is('+') && !in.next_is('-')) return std::nullopt;
    out.offset = in.offset();
  }
  const auto ns = wall(y, mo, d, t, fraction);
  if (!in.ok() || !ns) return std::nullopt;
  out.wall_ns = *ns;
  out.length = in.at();
  return out;
}

std::optional<WrittenTime> scan_swift_time(std::string_view text) {
  if (text.size() < 21 || text[2] != '/' || text[20] != ' ') return std::nullopt;
  Scanner in(text);
  const auto d = static_cast<unsigned>(in.digits(2));
  in.expect('/');
  const unsigned mo = in.month();
  in.expect('/');
  const int y = in.digits(4);
  Clock24 t{};
  for (int* part : {&t.hour, &t.minute, &t.second}) {
    in.expect('/');
    *part = in.digits(2);
  }
  const auto ns = wall(y, mo, d, t);
  if (!in.ok() || !ns) return std::nullopt;
  return WrittenTime{*ns, Duration(0), in.at()};
}

std::optional<WrittenTime> scan_mysqld_safe_time(std::string_view text) {
  Scanner in(text);
  const int y = 2000 + in.digits(2);
  const auto mo = static_cast<unsigned>(in.digits(2));
  const auto d = static_cast<unsigned>(in.digits(2));
  in.expect(' ');
  const Clock24 t = clock(in);
  const auto ns = wall(y, mo, d, t);
  if (!in.ok() || !ns || !ends_well(text, in.at())) return std::nullopt;
  return WrittenTime{*ns, std::nullopt, in.at()};
}

}  // namespace sentinella::codec
