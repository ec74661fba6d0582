// The log formats beside oslo.log that a parser meets on an OpenStack node, one function each. `line` is the
// first line of a record, `following` the others. A function that recognises its format fills the fields and
// says true; otherwise `record` is as it was.
#pragma once

#include <string_view>

#include "codec/log_time.h"
#include "model/log_record.h"

namespace sentinella::codec {

struct RecordText {
  std::string_view line;
  std::string_view following;  ///< without the newline before it; "" when there is one line
  Duration zone_offset{0};
};

void set_time(LogRecord& record, const WrittenTime& time, Duration zone_offset);
/// Message and traceback of a record that begins with `message`: what follows is message up to a line that
/// begins a Python traceback.
void set_text(LogRecord& record, std::string_view message, std::string_view following);
/// The next line of `text`, which is moved past it and its newline.
std::string_view take_line(std::string_view& text);

bool parse_oslo(LogRecord& record, const RecordText& text);
bool parse_rabbit(LogRecord& record, const RecordText& text);
bool parse_daiquiri(LogRecord& record, const RecordText& text);
bool parse_mariadb(LogRecord& record, const RecordText& text);
bool parse_libvirt(LogRecord& record, const RecordText& text);
bool parse_ovs(LogRecord& record, const RecordText& text);
bool parse_uwsgi_access(LogRecord& record, const RecordText& text);
bool parse_apache_access(LogRecord& record, const RecordText& text);
bool parse_apache_error(LogRecord& record, const RecordText& text);
/// RFC 3164 and 5424, with or without <PRI>; an oslo line inside is parsed too, and its time and level win.
bool parse_syslog(LogRecord& record, const RecordText& text);
/// A Python traceback without any head.
bool parse_bare_traceback(LogRecord& record, const RecordText& text);

}  // namespace sentinella::codec
