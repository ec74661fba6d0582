// RFC 3164 and RFC 5424, as received or as rsyslog writes them to files.
#include "codec/log_formats.h"
#include "codec/log_journal.h"
#include "codec/syslog_head.h"

namespace sentinella::codec {

bool parse_syslog(LogFields& fields, const RecordText& text) {
  const auto head = scan_syslog_head(text.line, fields.time);
  if (!head) return false;
  fields.format = LogFormat::syslog;
  if (head->time) set_time(fields, *head->time, text.zone_offset);
  if (head->severity) fields.severity = *head->severity;
  if (fields.host.empty()) fields.host = head->host;
  fields.component = head->tag;
  fields.pid = head->pid;
  const RecordText inner(text.from(head->text), text.zone_offset, text.scratch, true);
  if (!parse_known(fields, inner)) set_text(fields, head->text, text);
  return true;
}

Severity severity_of_priority(std::uint32_t priority) {
  constexpr Severity kLevels[] = {Severity::critical, Severity::critical, Severity::critical,
                                  Severity::error,    Severity::warning,  Severity::info,
                                  Severity::info,     Severity::debug};
  return kLevels[priority & 7];
}

}  // namespace sentinella::codec
