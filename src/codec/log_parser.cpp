#include "codec/log_parser.h"

#include <algorithm>

#include "codec/log_formats.h"
#include "codec/log_line.h"
#include "codec/log_template.h"

namespace sentinella::codec {
namespace {

/// No format took it. A time in front is still a better one than that of reading.
void keep_plain(LogRecord& record, const RecordText& text) {
  if (const auto time = scan_iso_time(text.line)) {
    set_time(record, *time, text.zone_offset);
    std::string_view word = text.line.substr(time->length);
    word.remove_prefix(std::min(word.find_first_not_of(" [<"), word.size()));
    word = word.substr(0, word.find_first_of(" ]>:"));
    if (const auto severity = parse_severity(word)) record.severity = *severity;
  }
  record.message = record.raw;
  record.flags |= LogRecord::kUnparsed;
}

bool parse_known(LogRecord& record, const RecordText& text) {
  if (text.line.empty()) return false;
  const char c = text.line.front();
  // Most formats begin with the time's first digit; asking for the likely one first is what makes this fast.
  if (c >= '0' && c <= '9')
    return parse_oslo(record, text) || parse_rabbit(record, text) || parse_daiquiri(record, text) ||
           parse_mariadb(record, text) || parse_ovs(record, text) || parse_libvirt(record, text) ||
           parse_syslog(record, text) || parse_apache_access(record, text);
  if (c == '[') return parse_uwsgi_access(record, text) || parse_apache_error(record, text);
  return parse_syslog(record, text) || parse_bare_traceback(record, text) ||
         parse_apache_access(record, text);
}

}  // namespace

void parse_log(LogRecord& record, Duration zone_offset) {
  record.flags &= ~static_cast<std::uint32_t>(LogRecord::kUnparsed | LogRecord::kTimeAssumed);
  RecordText text{{}, record.raw, zone_offset};
  text.line = skip_noise(take_line(text.following));
  if (!text.following.empty()) record.flags |= LogRecord::kJoined;
  if (!parse_known(record, text)) keep_plain(record, text);
  record.template_id = log_template_id(record.message);
}

}  // namespace sentinella::codec
