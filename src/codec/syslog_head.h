// What stands in front of a syslog message's text: RFC 3164 and RFC 5424, as received or as rsyslog writes
// them to files.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "codec/log_time.h"
#include "model/log_record.h"

namespace sentinella::codec {

struct SyslogHead {
  std::optional<WrittenTime> time;
  std::optional<Severity> severity;  ///< of `<PRI>`
  std::string_view host;
  std::string_view tag;  ///< APP-NAME, or the tag without [pid]
  std::uint32_t pid = 0;
  std::string_view text;
};

/// Views into `line`. `near` chooses the year of a time that has none. Nullopt when it is neither; a priority
/// that it begins with is for syslog_severity().
std::optional<SyslogHead> scan_syslog_head(std::string_view line, Time near);
/// Of a message whose head is anything: what `<PRI>` says.
std::optional<Severity> syslog_severity(std::string_view message);

}  // namespace sentinella::codec
