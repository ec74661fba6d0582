// Times as programs write them, taken apart so that they are written again byte for byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sentinella::logs {

/// How a time is written: bits 0-2 the style, bit 3 the mark before the fraction (0 '.', 1 ','), bits 4-7 the
/// digits of the fraction (0 to 9). Part of the block format: never renumber.
struct TimeFormat {
  enum Style : std::uint8_t {
    kBlank,   ///< 2026-03-02 10:11:12
    kT,       ///< 2026-03-02T10:11:12
    kCtime,   ///< Mon Mar  2 10:11:12 2026
    kAccess,  ///< 02/Mar/2026:10:11:12
    kSyslog,  ///< Mar  2 10:11:12, of the year that the reader knows
    kZulu,    ///< 2026-03-02T10:11:12Z, the mark after the fraction
  };
  std::uint8_t code = 0;

  Style style() const { return static_cast<Style>(code & 7); }
  unsigned digits() const { return code >> 4; }
  char mark() const { return (code & 8) != 0 ? ',' : '.'; }
  /// What one step of the written time's last digit is.
  std::int64_t unit_ns() const;
  bool valid() const { return (code & 7) <= kZulu && digits() <= 9; }
};

struct TimeText {
  TimeFormat format;
  std::size_t length = 0;
  std::int64_t units = 0;  ///< since the epoch as if it were UTC, in the format's units
};

/// The time that `text` begins with, when write_time() gives exactly these bytes again and no letter or digit
/// follows. `year` is for kSyslog.
std::optional<TimeText> scan_time(std::string_view text, int year);
/// Appends the time. Years outside 0 to 9999 come out wrong but bounded: a damaged block may hold anything.
void write_time(std::string& out, TimeFormat format, std::int64_t units);
int year_of(std::int64_t ns);

}  // namespace sentinella::logs
