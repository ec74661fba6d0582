// Instants and spans as Gnocchi's API writes and reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace sentinella::api::gnocchi {

/// "2015-03-06T14:33:57+00:00"; with six or nine digits of a second when there is a fraction.
std::string iso_text(Time t);
void append_iso(std::string& out, Time t);

/// As Python's timedelta is written: "0:05:00", "30 days, 0:00:00", "0:00:03.600000".
std::string span_text(Duration span);

enum class StampKind : std::uint8_t { number, date, relative };
struct Stamp {
  Time at;
  StampKind kind = StampKind::date;
};

/// Seconds since the epoch (exact to the nanosecond when written without an exponent); a date with or without
/// a time of day ("2015", "2015-03-06 14:33", "2015-03-06T14:33:57.5+01:00"; UTC unless it says); or a span
/// from `now` on ("-5 minutes"). nullopt: none of these, or no instant within 64 bits of nanoseconds.
std::optional<Stamp> parse_stamp(std::string_view text, Time now);

/// Seconds as text or number: "60", "1.5", "-3".
std::optional<std::int64_t> parse_seconds(std::string_view text);

/// Seconds, or words: "2w", "1h30m", "5 minutes", "1 day, 2:00:00", "4:13" (minutes and seconds). May be
/// negative or zero.
std::optional<Duration> parse_span(std::string_view text);

/// Groups of a calendar: year, half, quarter, month, week (from Sunday).
inline constexpr std::string_view kCalendarGroups = "YHQMW";
/// The first day of the group that `t` lies in; `group` must be one of kCalendarGroups.
Time calendar_floor(Time t, char group);

}  // namespace sentinella::api::gnocchi
