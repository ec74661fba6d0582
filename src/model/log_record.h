// One record of a log: what a program said, at a time, somewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/labels.h"

namespace sentinella {

/// oslo.log's levels, in order of badness. `unspecified` = the line did not say.
enum class Severity : std::uint8_t { unspecified, trace, debug, info, audit, warning, error, critical };
std::string_view to_string(Severity severity);
/// Any usual spelling: WARN, warning, ERR, FATAL, notice ...
std::optional<Severity> parse_severity(std::string_view text);

/// A request as an access line of any kind tells it.
struct HttpAccess {
  std::string client;        ///< address of the peer, proxies after a comma
  std::string method;        ///< GET
  std::string path;          ///< with its query
  std::uint16_t status = 0;  ///< 0 = unknown
  std::int64_t bytes = -1;   ///< of the answer; -1 = unknown
  std::optional<Duration> duration;
  friend bool operator==(const HttpAccess&, const HttpAccess&) = default;
};

struct LogRecord {
  enum Flag : std::uint32_t {
    kUnparsed = 1,     ///< no known format took the line; message is the raw text
    kTimeAssumed = 2,  ///< the line gave no zone; the host's zone was assumed
    kTruncated = 4,    ///< cut at the size limit
    kJoined = 8,       ///< made of several lines (a traceback, a message with newlines)
    kHistory = 16,     ///< was written before the agent first saw the file: for people, not for rules
    kMasked = 32,      ///< the agent has masked a secret in it; all else is as received
  };

  Time time;  ///< what the line says; else when the agent read it
  std::string host;
  std::string service;    ///< as configured in the agent: nova-compute
  std::string source;     ///< file path or other origin
  std::string component;  ///< logger: nova.compute.manager
  Severity severity = Severity::unspecified;
  std::uint32_t pid = 0;          ///< 0 = unknown; the seed's log_id
  std::string request_id;         ///< local, "req-..." or ""
  std::string global_request_id;  ///< "req-..." or ""
  std::string user_id;
  std::string project_id;
  std::string instance;           ///< UUID or ""
  std::string message;            ///< without head and context bracket
  std::string traceback;          ///< joined, one line per line; "" when there is none
  std::string raw;                ///< the bytes as received, all lines
  std::uint64_t template_id = 0;  ///< codec/log_template.h
  std::uint32_t flags = 0;
  // In no journal, because codec/log_parser.h finds them again in `raw`:
  std::string domain_id;
  std::optional<HttpAccess> http;
};

/// A record's place in the journal: unique in the server, ordered by arrival.
struct RecordId {
  std::uint64_t offset = 0;
  std::uint32_t index = 0;
  friend auto operator<=>(RecordId, RecordId) = default;
};
/// "offset-index"; what the API shows.
std::string to_text(RecordId id);
std::optional<RecordId> parse_record_id(std::string_view text);

}  // namespace sentinella
