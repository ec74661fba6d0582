// Parsed log records as columns: all text in one arena, fields as places in it, numbers as numbers. This is
// what a store builds its blocks from; nothing is allocated per record once the vectors have grown.
//
// Row i of every column is record i. The arena holds each record's bytes as received, one record after
// another, and after a record what had to be derived from it (a traceback without its repeated heads, an
// unescaped JSON text), so a field's place mostly lies within its record's `raw`, but need not.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "codec/log_format.h"
#include "codec/log_template.h"
#include "model/log_record.h"

namespace sentinella::codec {

/// Where a stream of records comes from: equal for many records in turn.
struct LogOrigin {
  std::string host;
  std::string service;
  std::string source;
  friend bool operator==(const LogOrigin&, const LogOrigin&) = default;
};

struct LogColumns {
  /// A place in `bytes`; length 0 = no such field.
  using Span = TextSpan;
  /// An access line's request; only records that have one have a row here.
  struct Http {
    std::uint32_t record = 0;  ///< ascending
    std::uint16_t status = 0;  ///< 0 = unknown
    Span client, method, path;
    std::int64_t bytes = -1;        ///< of the answer; -1 = unknown
    std::int64_t duration_ns = -1;  ///< -1 = unknown
  };

  /// A caller fills no arena beyond this; LogParser::parse then says false.
  static constexpr std::size_t kMaxBytes = 1u << 30;

  std::string bytes;
  std::vector<LogOrigin> origins;

  std::vector<std::int64_t> time_ns;
  std::vector<std::uint32_t> origin;  ///< index into `origins`
  std::vector<Severity> severity;
  std::vector<LogFormat> format;
  std::vector<std::uint32_t> flags;  ///< LogRecord::Flag
  std::vector<std::uint32_t> pid;    ///< 0 = unknown
  std::vector<std::uint64_t> template_id;
  std::vector<Span> raw;  ///< all lines as received, joined by '\n'
  std::vector<Span> component;
  std::vector<Span> request_id;
  std::vector<Span> global_request_id;
  std::vector<Span> user_id;
  std::vector<Span> project_id;
  std::vector<Span> domain_id;
  std::vector<Span> instance;
  std::vector<Span> message;
  std::vector<Span> traceback;
  std::vector<Http> http;

  /// The holes of the message's template, in order: record i has those from variable_end[i - 1] (0 for the
  /// first) up to variable_end[i]. What stands between them in the message is constant for a template_id but
  /// for runs of blanks, which a template counts as one.
  std::vector<Span> variables;
  std::vector<std::uint32_t> variable_end;
  /// Every 8-4-4-4-12 UUID anywhere in the raw bytes, request ids' among them, in order and as often as it
  /// stands there; bounds as of `variables`.
  std::vector<Uuid> uuids;
  std::vector<std::uint32_t> uuid_end;

  std::size_t size() const { return time_ns.size(); }
  std::string_view text(Span place) const {
    return std::string_view(bytes).substr(place.offset, place.length);
  }
  std::span<const Span> variables_of(std::size_t record) const;
  std::span<const Uuid> uuids_of(std::size_t record) const;
  /// The index of `origin` in `origins`, added when it is new. For once per stream, not once per record.
  std::uint32_t origin_index(const LogOrigin& from);
  /// No records and no origins; the memory is kept.
  void clear();
  /// Room in every column for one more record.
  void make_room() {
    if (time_ns.size() == time_ns.capacity()) grow();
  }
  /// Row `record` as a LogRecord, as parse_log would have filled it.
  LogRecord record(std::size_t row) const;

 private:
  void grow();
};

}  // namespace sentinella::codec
