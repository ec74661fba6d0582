// Instants and spans. An instant is nanoseconds since the Unix epoch, UTC, in one strong type everywhere.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sentinella {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;

struct Time {
  std::int64_t ns = 0;

  friend constexpr auto operator<=>(Time, Time) = default;
  friend constexpr Time operator+(Time t, Duration d) { return {t.ns + d.count()}; }
  friend constexpr Time operator-(Time t, Duration d) { return {t.ns - d.count()}; }
  friend constexpr Duration operator-(Time a, Time b) { return Duration(a.ns - b.ns); }
};

/// from <= t < until.
struct TimeRange {
  Time from;
  Time until;
  constexpr bool contains(Time t) const { return from <= t && t < until; }
};

/// Where "now" comes from; passed in, so that tests never sleep. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

/// The machine's real-time clock. It may be set, also back: for what is shown, sent and stored.
const Clock& system_clock();
/// Since some beginning of its own, evenly, whoever sets the other: for what is due and how long it is quiet.
const Clock& monotonic_clock();

/// A clock that stands still until told otherwise. For tests.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start) {}
  Time now() const override { return now_; }
  void set(Time t) { now_ = t; }
  void advance(Duration d) { now_ = now_ + d; }

 private:
  Time now_;
};

/// "2026-03-02T10:11:12.345678Z"; trailing zero groups of the fraction are left out, at least milliseconds
/// stay.
std::string to_rfc3339(Time t);
/// RFC 3339 with any offset, fraction up to 9 digits.
Result<Time> parse_rfc3339(std::string_view text);

/// "250ms", "90s", "5m", "1h30m", "14d", "2w", a bare number = seconds. Refuses negatives and overflow.
Result<Duration> parse_duration(std::string_view text);
/// The shortest exact text that parse_duration reads back: "1h30m", "200ms".
std::string to_text(Duration d);

}  // namespace sentinella
