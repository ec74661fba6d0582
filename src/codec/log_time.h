// Times as programs write them at the beginning of (or inside) a log line. Each function matches its whole
// grammar, ranges included, at the start of `text`, or nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace sentinella::codec {

struct WrittenTime {
  std::int64_t wall_ns = 0;        ///< what the clock on the wall showed, as if it were UTC
  std::optional<Duration> offset;  ///< of the zone, when the text has one
  std::size_t length = 0;          ///< bytes of the text that it takes

  Time utc(Duration assumed_offset) const { return Time{wall_ns} - offset.value_or(assumed_offset); }
};

/// "2026-03-02 10:11:12", with "T", ".345", ",345", a blank-padded hour, "Z", "+00:00", "+0000".
std::optional<WrittenTime> scan_iso_time(std::string_view text);
/// RFC 3164: "Mar  2 10:11:12", with ".345". The year is the one that brings it nearest to `near`.
std::optional<WrittenTime> scan_syslog_time(std::string_view text, Time near);
/// klog: "0302 10:11:12.345678". The year as above.
std::optional<WrittenTime> scan_klog_time(std::string_view text, Time near);
/// ctime: "Mon Mar  2 10:11:12 2026", with ".123456" after the seconds in Apache's error log.
std::optional<WrittenTime> scan_ctime(std::string_view text);
/// Apache's access log: "02/Mar/2026:10:11:12 +0000"; HAProxy's: "02/Mar/2026:10:11:12.345".
std::optional<WrittenTime> scan_access_time(std::string_view text);
/// Swift's proxy: "02/Mar/2026/10/11/12 ", in UTC.
std::optional<WrittenTime> scan_swift_time(std::string_view text);
/// mysqld_safe: "260302 10:11:12", of this century.
std::optional<WrittenTime> scan_mysqld_safe_time(std::string_view text);

}  // namespace sentinella::codec
