// What programs that are not OpenStack's own write: Python's logging, log4j, and Go's habits.
#include "codec/log_formats.h"
#include "codec/log_line.h"
#include "codec/log_program_head.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kLevelBytes = 16;
constexpr std::size_t kNameBytes = 256;

void fill_logger(LogFields& fields, const RecordText& text, Severity severity, std::string_view name,
                 std::string_view message) {
  fields.format = LogFormat::logger;
  if (text.time) set_time(fields, *text.time, text.zone_offset);
  fields.severity = severity;
  fields.component = name;
  set_text(fields, message, text);
}

/// `INFO [quantum.common.config] Logging enabled!`, `INFO  [main:QuorumPeer@123] - text`,
/// `ERROR [main] org.x.Server: text`
bool parse_bracketed(LogFields& fields, const RecordText& text, std::string_view rest) {
  const Severity severity = oslo_level(take_word(rest));
  if (severity == Severity::unspecified) return false;
  skip_blanks(rest);
  if (!take(rest, '[')) return false;
  auto name = take_until(rest, "] ", kNameBytes);
  if (!name || name->empty()) return false;
  take(rest, "- ");
  // Behind a thread's name its logger may stand.
  std::string_view after = rest;
  std::string_view word = take_word(after);
  if (word.ends_with(':') && word.find('.') != std::string_view::npos) {
    word.remove_suffix(1);
    if (is_logger_name(word)) name = word, rest = after;
  }
  fill_logger(fields, text, severity, *name, rest);
  return true;
}

/// `octavia.amphorae - WARNING - text`
bool parse_dashed(LogFields& fields, const RecordText& text, std::string_view rest) {
  const auto name = take_until(rest, " - ", kNameBytes);
  if (!name || !is_logger_name(*name)) return false;
  std::string_view level = take_until(rest, " - ", kLevelBytes).value_or("");
  level = take_word(level);
  const Severity severity = oslo_level(level);
  if (severity == Severity::unspecified) return false;
  fill_logger(fields, text, severity, *name, rest);
  return true;
}

bool parse_basic(LogFields& fields, const RecordText& text) {
  const auto head = scan_basic_head(text.line);
  if (!head) return false;
  fill_logger(fields, text, head->severity, head->logger, head->rest);
  return true;
}

}  // namespace

bool parse_logger(LogFields& fields, const RecordText& text) {
  if (!text.time) return parse_bracketed(fields, text, text.line) || parse_basic(fields, text);
  std::string_view rest = text.line.substr(text.time->length);
  skip_blanks(rest);
  if (take(rest, "- ")) {
    skip_blanks(rest);
    if (parse_dashed(fields, text, rest)) return true;
  }
  return parse_bracketed(fields, text, rest);
}

bool parse_logfmt(LogFields& fields, const RecordText& text) {
  const auto head = scan_logfmt_head(text.line);
  if (!head) return false;
  // A message that stands alone is freed from its quotes; other pairs say more than the message.
  const LogfmtPair& pair = head->first;
  const bool alone = (pair.key == "msg" || pair.key == "message") && head->after.empty() &&
                     text.following.empty() && pair.value.find('\\') == std::string_view::npos;
  fields.format = LogFormat::logfmt;
  if (head->time) set_time(fields, *head->time, text.zone_offset);
  fields.severity = head->severity;
  fields.component = head->component;
  if (alone)
    fields.message = pair.value;
  else
    set_text(fields, head->text, text);
  return true;
}

bool parse_klog(LogFields& fields, const RecordText& text) {
  const auto head = scan_klog_head(text.line, fields.time);
  if (!head) return false;
  fields.format = LogFormat::klog;
  set_time(fields, head->time, text.zone_offset);
  fields.severity = head->severity;
  fields.pid = head->thread;
  fields.component = head->file;
  set_text(fields, head->rest, text);
  return true;
}

}  // namespace sentinella::codec
