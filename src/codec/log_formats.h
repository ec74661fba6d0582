// The log formats that a parser meets on an OpenStack node, one function each. A function that recognises
// its format in a record's text fills the fields and says true; otherwise `fields` is as it was. The fields
// that a format has nothing for keep what they had (time of reading, severity and host of the sender).
#pragma once

#include <optional>
#include <string_view>

#include "codec/log_fields.h"
#include "codec/log_line.h"
#include "codec/log_time.h"

namespace sentinella::codec {

struct RecordText {
  std::string_view line;       ///< the first, without carriage return
  std::string_view following;  ///< the others, without the newline before them; "" when there is one line
  Duration zone_offset;        ///< of times without a zone
  std::optional<WrittenTime> time;  ///< that the first line begins with, of scan_iso_time's kinds
  TextScratch& scratch;
  bool nested = false;  ///< taken out of a container's or syslog's envelope: no second one is opened

  RecordText(std::string_view text, Duration zone, TextScratch& memory, bool inner = false);
  /// `begin` is the time that the first line is known to begin with, `one_line` that there is but one.
  RecordText(std::string_view text, const WrittenTime& begin, bool one_line, Duration zone,
             TextScratch& memory);
  /// From `part` of the first line to the end of the record.
  std::string_view from(std::string_view part) const;
};

void set_time(LogFields& fields, const WrittenTime& time, Duration zone_offset);
/// Message and traceback of a record that begins with `message` (the end of its first line): what follows is
/// message up to a line that begins a Python traceback. A record that is only a traceback is called by its
/// last exception.
void set_text(LogFields& fields, std::string_view message, const RecordText& text);

bool parse_oslo(LogFields& fields, const RecordText& text);
/// The same when scan_oslo_head has already found `head` in the first line.
void fill_oslo(LogFields& fields, const RecordText& text, const OsloHead& head);
bool parse_daiquiri(LogFields& fields, const RecordText& text);
/// `LEVEL logger [context] message`: what is left where the time is somebody else's, as in devstack's
/// journal.
bool parse_oslo_body(LogFields& fields, const RecordText& text);
/// `time LEVEL [logger] text`, `time - LEVEL [thread] logger: text`, `time - logger - LEVEL - text`,
/// `LEVEL:logger:text`: as Python's logging and log4j are often set.
bool parse_logger(LogFields& fields, const RecordText& text);
/// Pairs, of which those of time, level and caller stand first: `time=... level=info msg="..." key=value`
/// (brandur.org/logfmt).
bool parse_logfmt(LogFields& fields, const RecordText& text);
/// `I0302 10:11:12.345678    4711 file.go:12] text` (k8s.io/klog).
bool parse_klog(LogFields& fields, const RecordText& text);
/// A Python traceback without any head.
bool parse_bare_traceback(LogFields& fields, const RecordText& text);

bool parse_rabbit(LogFields& fields, const RecordText& text);
bool parse_mariadb(LogFields& fields, const RecordText& text);
bool parse_libvirt(LogFields& fields, const RecordText& text);
bool parse_ovs(LogFields& fields, const RecordText& text);
bool parse_ceph(LogFields& fields, const RecordText& text);

bool parse_uwsgi_access(LogFields& fields, const RecordText& text);
bool parse_apache_access(LogFields& fields, const RecordText& text);
bool parse_apache_error(LogFields& fields, const RecordText& text);
bool parse_haproxy(LogFields& fields, const RecordText& text);
bool parse_swift_access(LogFields& fields, const RecordText& text);

/// RFC 3164 and 5424, with or without <PRI>; the text inside is parsed too, and its time and level win.
bool parse_syslog(LogFields& fields, const RecordText& text);
/// Objects on one line: oslo.log's JSONFormatter, journalctl -o json, Docker's json-file, and those of other
/// programs that have a level and a message.
bool parse_json(LogFields& fields, const RecordText& text);
bool parse_journal_export(LogFields& fields, const RecordText& text);
/// CRI: `2026-03-02T10:11:12.345678901Z stderr F text`.
bool parse_cri(LogFields& fields, const RecordText& text);

/// Whichever of the above takes the text.
bool parse_known(LogFields& fields, const RecordText& text);
/// None took it: all of it is message; a time and a level in front still count.
void keep_plain(LogFields& fields, const RecordText& text);

}  // namespace sentinella::codec
