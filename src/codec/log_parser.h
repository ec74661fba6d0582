// Log text -> fields. The raw text is kept whatever happens; what no format takes is kept with kUnparsed.
#pragma once

#include <string_view>

#include "base/time.h"
#include "model/log_record.h"

namespace sentinella::codec {

/// Fills the fields of `record` from record.raw (one record, possibly of several lines, as LogFramer made
/// it). `record.time` must hold the time of reading: it stays when the text has none. Times without a zone
/// are taken in `zone_offset`. Recognises, per record: oslo.log (every context bracket of its history),
/// tracebacks prefixed and bare, uWSGI and Apache access lines, RabbitMQ, MariaDB; else plain text. Linear
/// time, no regex.
void parse_log(LogRecord& record, Duration zone_offset = Duration(0));

}  // namespace sentinella::codec
