// Log text -> fields. The raw text is kept whatever happens; what no format takes is kept with kUnparsed.
//
// Recognised by itself, record by record (one file may hold several): every LogFormat but `pattern`. Linear
// time, no regular expressions.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "codec/log_columns.h"
#include "codec/log_fields.h"
#include "codec/log_line.h"
#include "codec/log_pattern.h"
#include "codec/log_template.h"
#include "model/log_record.h"

namespace sentinella::codec {

struct RecordText;

/// Fills the fields of `record` from record.raw (one record, possibly of several lines, as LogFramer made
/// it). `record.time` must hold the time of reading: it stays when the text has none; severity and host stay
/// likewise. Times without a zone are taken in `zone_offset` (flag kTimeAssumed). Doing it again changes
/// nothing. A record that is only a traceback is called by its last exception.
void parse_log(LogRecord& record, Duration zone_offset = Duration(0));

class LogParser;
/// The same by a parser of the caller's, with its options.
void parse_log(LogRecord& record, LogParser& parser, Duration zone_offset = Duration(0));

/// Fills domain_id and http, which a journal leaves out, and nothing else.
void find_request_again(LogRecord& record);
/// The numbers of the request that a record's text tells of.
struct HttpNumbers {
  std::int64_t bytes = -1, duration_ns = -1;  ///< -1 = unknown
};
HttpNumbers http_numbers(std::string_view raw);

/// How many records came in which format.
struct LogFormatCounts {
  std::array<std::uint64_t, kLogFormats> records{};

  void add(LogFormat format) { ++records[static_cast<std::size_t>(format)]; }
  std::uint64_t of(LogFormat format) const { return records[static_cast<std::size_t>(format)]; }
  std::uint64_t unparsed() const { return of(LogFormat::plain); }
  std::uint64_t all() const;
};

/// The same for a stream of records, without allocating for each. Not thread-safe.
class LogParser {
 public:
  struct Options {
    /// Take nothing but this format; what is not of it is plain.
    std::optional<LogFormat> only{};
    /// Tried before all formats.
    std::shared_ptr<const LogPattern> pattern{};
  };
  /// What is known before the text is read.
  struct Given {
    Time read;  ///< the record's time when the text has none
    Severity severity = Severity::unspecified;
    std::uint32_t flags = 0;
    std::uint32_t origin = 0;  ///< index into the columns' origins; need not exist
    Duration zone_offset{0};   ///< of times without a zone
    // What RecordJoiner has found already, if it has.
    const OsloHead* oslo = nullptr;
    const WrittenTime* time = nullptr;
    bool one_line = false;
  };

  LogParser() : LogParser(Options{}) {}
  explicit LogParser(Options options) : options_(std::move(options)) {}

  /// Views into `raw` and into this, until the next call.
  const LogFields& scan(std::string_view raw, const Given& given);
  /// Adds `raw` as a row. False, and nothing added, when the columns are full: begin new ones.
  bool parse(std::string_view raw, const Given& given, LogColumns& out);

  const LogFormatCounts& counts() const { return counts_; }

 private:
  void begin(const Given& given);
  bool recognise(const RecordText& text, const Given& given);
  std::uint32_t origin_of(const Given& given, LogColumns& out);

  Options options_;
  TextScratch scratch_;
  LogFields fields_;
  LogTemplater templater_;
  LogFormatCounts counts_;
};

}  // namespace sentinella::codec
