#include "codec/log_time.h"

#include <array>

namespace sentinella::codec {
namespace {

/// Reads a text from left to right; once something does not match, nothing matches any more.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

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
    std::int64_t value = 0, scale = 1'000'000'000;
    std::size_t count = 0;
    for (; digit_next() && count < 9; ++at_, ++count) {
      value = value * 10 + (text_[at_] - '0');
      scale /= 10;
    }
    if (count == 0) fail();
    return value * scale;
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
  std::size_t at_ = 0;
  bool ok_ = true;
};

struct Clock24 {
  int hour, minute, second;
};

Clock24 clock(Scanner& in, bool padded_hour = false) {
  Clock24 out{};
  out.hour = padded_hour ? in.padded() : in.digits(2);
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
  return at == text.size() || std::string_view(" \t|:;,]").find(text[at]) != std::string_view::npos;
}

}  // namespace

std::optional<WrittenTime> scan_iso_time(std::string_view text) {
  if (text.size() < 19 || text[4] != '-') return std::nullopt;
  Scanner in(text);
  const int y = in.digits(4);
  in.expect('-');
  const auto mo = static_cast<unsigned>(in.digits(2));
  in.expect('-');
  const auto d = static_cast<unsigned>(in.digits(2));
  if (!in.take('T')) in.expect(' ');
  const Clock24 t = clock(in, true);
  WrittenTime out;
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
  const auto ns = wall(y, mo, d, t, fraction);
  if (!in.ok() || !ns || !ends_well(text, in.at())) return std::nullopt;
  out.wall_ns = *ns;
  out.length = in.at();
  return out;
}

std::optional<WrittenTime> scan_syslog_time(std::string_view text, Time near) {
  if (text.size() < 15 || text[3] != ' ') return std::nullopt;
  Scanner in(text);
  const unsigned mo = in.month();
  in.expect(' ');
  const auto d = static_cast<unsigned>(in.padded());
  in.expect(' ');
  const Clock24 t = clock(in);
  if (!in.ok() || !ends_well(text, in.at())) return std::nullopt;
  using namespace std::chrono;
  const int this_year =
      static_cast<int>(year_month_day(floor<days>(sys_time<nanoseconds>(nanoseconds(near.ns)))).year());
  std::optional<std::int64_t> best;
  // Four years either way, because of 29 February.
  for (int y = this_year - 4; y <= this_year + 4; ++y) {
    const auto ns = wall(y, mo, d, t);
    const auto distance = [&](std::int64_t at) { return at > near.ns ? at - near.ns : near.ns - at; };
    if (ns && (!best || distance(*ns) < distance(*best))) best = ns;
  }
  if (!best) return std::nullopt;
  return WrittenTime{*best, std::nullopt, in.at()};
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
  Scanner in(text);
  const auto d = static_cast<unsigned>(in.digits(2));
  in.expect('/');
  const unsigned mo = in.month();
  in.expect('/');
  const int y = in.digits(4);
  in.expect(':');
  const Clock24 t = clock(in);
  in.expect(' ');
  if (!in.next_is('+') && !in.next_is('-')) return std::nullopt;
  const Duration offset = in.offset();
  const auto ns = wall(y, mo, d, t);
  if (!in.ok() || !ns) return std::nullopt;
  return WrittenTime{*ns, offset, in.at()};
}

}  // namespace sentinella::codec
