// A user's own log format: a regular expression with named groups (RE2's syntax), in which grok names may
// stand: `%{TIMESTAMP_ISO8601:time} %{LOGLEVEL:level} (?<component>\S+) %{GREEDYDATA:message}`.
//
// Groups named as the fields of a record, or as grok users commonly name them, fill them: time (timestamp,
// ts), level (severity, loglevel), pid, component (logger, program), host (hostname), message (msg,
// description), request_id, global_request_id, user_id (user), project_id (project, tenant), domain_id,
// instance, client (clientip, client_ip), method (verb), path (request, uri), status (response), bytes,
// duration (seconds), duration_ms. All others are kept by their names. Linear time, whatever the pattern.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/log_fields.h"

namespace sentinella::codec {

struct RecordText;

/// Immutable once compiled; thread-safe.
class LogPattern {
 public:
  static Result<std::shared_ptr<const LogPattern>> compile(std::string_view text);
  ~LogPattern();
  LogPattern(const LogPattern&) = delete;
  LogPattern& operator=(const LogPattern&) = delete;

  /// Looks for the pattern anywhere in the first line; the other lines belong to the message.
  bool match(LogFields& fields, const RecordText& text) const;
  /// With grok's names spelt out.
  const std::string& expression() const;
  const std::vector<std::string>& groups() const;  ///< in order; "" for one without a name

 private:
  struct Impl;
  explicit LogPattern(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// `text` with each %{NAME} and %{NAME:field} (a third part, a type, is ignored) spelt out and (?<name>...)
/// as RE2 of today wants it.
Result<std::string> expand_grok(std::string_view text);
/// Our own definition of a grok name; "" when there is none.
std::string_view grok_definition(std::string_view name);

}  // namespace sentinella::codec
