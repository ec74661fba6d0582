// What programs that are not OpenStack's own write: Python's logging, log4j, and Go's habits.
#include "codec/log_formats.h"
#include "codec/log_line.h"
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

/// `WARNING:root:text` (logging.BASIC_FORMAT)
bool parse_basic(LogFields& fields, const RecordText& text) {
  std::string_view rest = text.line;
  const Severity severity = oslo_level(take_until(rest, ":", kLevelBytes).value_or(""));
  if (severity == Severity::unspecified) return false;
  const auto name = take_until(rest, ":", kNameBytes);
  if (!name || !is_logger_name(*name)) return false;
  fill_logger(fields, text, severity, *name, rest);
  return true;
}

/// `key=value` or `key="a \"quoted\" value"` and the blanks behind it. The value as it is written.
struct Pair {
  std::string_view key, value;
};
std::optional<Pair> take_pair(std::string_view& text) {
  std::string_view rest = text;
  const auto key = take_until(rest, "=", 64);
  if (!key || !is_logger_name(*key)) return std::nullopt;
  Pair pair{*key, {}};
  if (take(rest, '"')) {
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
    if (end >= rest.size()) return std::nullopt;
    pair.value = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (!rest.empty() && rest.front() != ' ') return std::nullopt;
  } else {
    pair.value = rest.substr(0, rest.find(' '));
    rest.remove_prefix(pair.value.size());
  }
  skip_blanks(rest);
  text = rest;
  return pair;
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

/// What stands before a message in pairs.
struct PairsHead {
  std::optional<WrittenTime> time;
  std::optional<Severity> severity;
  std::string_view component;

  /// False: it is not of the head.
  bool take(const Pair& pair) {
    if (is_one_of(pair.key, {"time", "ts", "t", "timestamp"}))
      return (time = scan_iso_time(pair.value)).has_value();
    if (is_one_of(pair.key, {"level", "lvl", "severity"}))
      return (severity = parse_severity(pair.value)).has_value();
    if (!is_one_of(pair.key, {"caller", "logger", "component", "source"})) return false;
    component = pair.value;
    return true;
  }
};

std::optional<Severity> klog_level(char letter) {
  switch (letter) {
    case 'I':
      return Severity::info;
    case 'W':
      return Severity::warning;
    case 'E':
      return Severity::error;
    case 'F':
      return Severity::critical;
    default:
      return std::nullopt;
  }
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
  PairsHead head;
  std::string_view rest = text.line, before;
  std::optional<Pair> pair;
  do {
    before = rest;
    pair = take_pair(rest);
  } while (pair && head.take(*pair));
  if (!pair || !head.severity) return false;
  // A message that stands alone is freed from its quotes; other pairs say more than the message.
  const bool alone = is_one_of(pair->key, {"msg", "message"}) && rest.empty() && text.following.empty() &&
                     pair->value.find('\\') == std::string_view::npos;
  fields.format = LogFormat::logfmt;
  if (head.time) set_time(fields, *head.time, text.zone_offset);
  fields.severity = *head.severity;
  fields.component = head.component;
  if (alone)
    fields.message = pair->value;
  else
    set_text(fields, before, text);
  return true;
}

bool parse_klog(LogFields& fields, const RecordText& text) {
  std::string_view rest = text.line;
  if (rest.size() < 2 || !is_digit(rest[1])) return false;
  const auto severity = klog_level(rest.front());
  if (!severity) return false;
  rest.remove_prefix(1);
  const auto time = scan_klog_time(rest, fields.time);
  if (!time) return false;
  rest.remove_prefix(time->length);
  skip_blanks(rest);
  const auto thread = take_number(rest);
  if (!thread || !take(rest, ' ')) return false;
  const auto place = take_until(rest, "] ", kNameBytes);
  if (!place || place->empty()) return false;
  fields.format = LogFormat::klog;
  set_time(fields, *time, text.zone_offset);
  fields.severity = *severity;
  fields.pid = *thread;
  fields.component = place->substr(0, place->rfind(':'));
  set_text(fields, rest, text);
  return true;
}

}  // namespace sentinella::codec
