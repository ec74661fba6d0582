// How lines of programs that are not OpenStack's own begin: klog, logfmt, and Python's basic format. The
// framer asks whether a record begins here, the parser what it says. Pure functions of one line; all views
// point into it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "codec/log_time.h"
#include "model/log_record.h"

namespace sentinella::codec {

/// `I0302 10:11:12.345678    4711 file.go:12] text` (k8s.io/klog). The year is the one nearest to `near`.
struct KlogHead {
  WrittenTime time;
  Severity severity = Severity::unspecified;
  std::uint32_t thread = 0;
  std::string_view file;  ///< without the line's number
  std::string_view rest;
};
std::optional<KlogHead> scan_klog_head(std::string_view line, Time near);

/// `key=value` or `key="a \"quoted\" value"`; the value as it is written.
struct LogfmtPair {
  std::string_view key, value;
};
/// What stands before a message in pairs: `time=... level=info caller=... msg="..." key=value`
/// (brandur.org/logfmt). At least the level, and another pair behind.
struct LogfmtHead {
  std::optional<WrittenTime> time;
  Severity severity = Severity::unspecified;
  std::string_view component;
  LogfmtPair first;        ///< that is not of the head
  std::string_view text;   ///< from that pair on
  std::string_view after;  ///< what follows that pair
};
std::optional<LogfmtHead> scan_logfmt_head(std::string_view line);

/// `WARNING:root:text` (logging.BASIC_FORMAT).
struct BasicHead {
  Severity severity = Severity::unspecified;
  std::string_view logger;
  std::string_view rest;
};
std::optional<BasicHead> scan_basic_head(std::string_view line);

/// Which of these begins a record here, whatever stands before it. Of pairs that wants time and level:
/// exceptions and statements print pairs too.
enum class ProgramLine : std::uint8_t {
  none,
  klog,    ///< lines that follow it are of its message
  single,  ///< logfmt, basic: the text stands on this line
};
ProgramLine classify_program_line(std::string_view line);

}  // namespace sentinella::codec
