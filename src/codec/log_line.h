// How a log line begins: what the framer (is this a new record?) and the parser (what does it say?) both must
// know. Pure functions of one line; all views point into it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "codec/log_time.h"
#include "model/log_record.h"

namespace sentinella::codec {

/// oslo.log: `time [pid] LEVEL logger rest` (oslo_log.formatters.ContextFormatter and its defaults); on
/// Windows a thread's number and name follow the pid.
struct OsloHead {
  WrittenTime time;
  std::string_view time_text;
  std::uint32_t pid = 0;
  Severity severity = Severity::unspecified;
  std::string_view logger;
  std::string_view rest;  ///< context bracket, instance, message
};
std::optional<OsloHead> scan_oslo_head(std::string_view line);
/// Of the lines of a traceback: before Mitaka they had a level of their own, TRACE.
constexpr bool is_level_of_traceback(Severity severity) {
  return severity == Severity::error || severity == Severity::trace;
}
/// The same when scan_iso_time has already found `time` at its beginning.
std::optional<OsloHead> scan_oslo_head(std::string_view line, const WrittenTime& time);

/// `[-]`, `[req-... user project ...]`, `[None req-... user project ...]`, `[req-... req-... user project
/// ...]`;
/// "-" and "None" come out as "".
struct OsloContext {
  std::string_view global_request_id;
  std::string_view request_id;
  std::string_view user_id;
  std::string_view project_id;
  std::string_view domain_id;  ///< of the token's scope; else the project's, else the user's
  std::string_view rest;       ///< after the bracket and one blank
};
std::optional<OsloContext> scan_oslo_context(std::string_view text);

/// `[instance: UUID] `: gives the UUID and moves `text` past it; "" when there is none.
std::string_view take_instance(std::string_view& text);

/// RabbitMQ: `time+zone [level] <0.1.2> text`; before 3.9 without a zone.
struct RabbitHead {
  WrittenTime time;
  Severity severity = Severity::unspecified;
  std::string_view head;  ///< all up to the text: equal in all lines of one message
  std::string_view rest;
};
/// `time` is what scan_iso_time has found at the line's beginning.
std::optional<RabbitHead> scan_rabbit_head(std::string_view line, const WrittenTime& time);

/// A record of any format begins here.
enum class LineStart : std::uint8_t {
  none,  ///< nothing known: a continuation, or plain text
  oslo,
  rabbit,
  timed,    ///< another format with its time in front
  klog,     ///< the same, and no object is part of its messages
  access,   ///< one line always
  plain,    ///< certainly continues nothing, and is one line but for a traceback (uWSGI's own, logfmt)
  json,     ///< an object on one line; inside a message with newlines it may be part of that
  journal,  ///< journalctl -o export: up to the next of its kind
};
struct ClassifiedLine {
  LineStart start = LineStart::none;
  OsloHead oslo;  ///< when it begins with one; of `rabbit` and `timed` at most the time
  std::string_view rabbit_head;
};
ClassifiedLine classify_line(std::string_view line);

/// What a line is to a Python traceback.
enum class TracebackPart : std::uint8_t {
  none,
  begin,  ///< Traceback (most recent call last):
  frame,  ///< begins with a blank
  empty,
  chain,      ///< "During handling of the above exception", "The above exception was the direct cause"
  exception,  ///< `some.module.ExcType: text` or `ExcType`
  appendix,   ///< what logging's handleError and SQLAlchemy add: Call stack, Message, Arguments, [SQL: ...
};
TracebackPart traceback_part(std::string_view line);

/// Of a word in capitals, as logging has it; unspecified when it is none.
Severity oslo_level(std::string_view word);

/// Leaves out what may stand before a line without belonging to it: NULs (a crash after truncation), colour
/// escapes, and the name of its file, as logs have it that were merged or came out of grep
/// (`nova-api.log.1 2026-03-02 ...`, `/var/log/nova/nova-api.log:12:2026-03-02 ...`).
std::string_view skip_real_noise(std::string_view line);
inline std::string_view skip_noise(std::string_view line) {
  const bool dated = !line.empty() && line.front() >= '0' && line.front() <= '9';  // as most are
  return dated ? line : skip_real_noise(line);
}

}  // namespace sentinella::codec
