// Log text -> fields. The raw text is kept whatever happens; what no format takes is kept with kUnparsed.
#pragma once

#include <string_view>

#include "base/time.h"
#include "model/log_record.h"

namespace sentinella::codec {

/// Fills the fields of `record` from record.raw (one record, possibly of several lines, as LogFramer made
/// it). `record.time` must hold the time of reading: it stays when the text has none; severity and host stay
/// likewise. Times without a zone are taken in `zone_offset` (flag kTimeAssumed). Recognises, per record:
/// oslo.log (every context bracket of its history), tracebacks prefixed and bare, daiquiri, uWSGI and Apache
/// access lines, Apache's error log, RabbitMQ, MariaDB, libvirt, Open vSwitch, syslog (RFC 3164 and 5424);
/// else plain text (flag kUnparsed). Linear time, no regex. Doing it again changes nothing. A record that is
/// only a traceback is called by its last exception.
void parse_log(LogRecord& record, Duration zone_offset = Duration(0));

}  // namespace sentinella::codec
