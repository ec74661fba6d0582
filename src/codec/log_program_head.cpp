#include "codec/log_program_head.h"

#include <algorithm>
#include <initializer_list>

#include "codec/log_line.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kLongestKey = 64;
constexpr std::size_t kLongestLevel = 16;
constexpr std::size_t kLongestName = 256;

Severity klog_severity(char letter) {
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
      return Severity::unspecified;
  }
}

/// A pair and the blanks behind it.
std::optional<LogfmtPair> take_pair(std::string_view& text) {
  std::string_view rest = text;
  const auto key = take_until(rest, "=", kLongestKey);
  if (!key || !is_logger_name(*key)) return std::nullopt;
  LogfmtPair pair{*key, {}};
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

/// False: the pair is not of the head.
bool put_pair(LogfmtHead& head, const LogfmtPair& pair) {
  if (is_one_of(pair.key, {"time", "ts", "t", "timestamp"}))
    return (head.time = scan_iso_time(pair.value)).has_value();
  if (is_one_of(pair.key, {"level", "lvl", "severity"})) {
    head.severity = parse_severity(pair.value).value_or(Severity::unspecified);
    return head.severity != Severity::unspecified;
  }
  if (!is_one_of(pair.key, {"caller", "logger", "component", "source"})) return false;
  head.component = pair.value;
  return true;
}

}  // namespace

std::optional<KlogHead> scan_klog_head(std::string_view line, Time near) {
  if (line.size() < 2 || !is_digit(line[1])) return std::nullopt;
  KlogHead head;
  head.severity = klog_severity(line.front());
  if (head.severity == Severity::unspecified) return std::nullopt;
  std::string_view rest = line.substr(1);
  const auto time = scan_klog_time(rest, near);
  if (!time) return std::nullopt;
  head.time = *time;
  rest.remove_prefix(time->length);
  skip_blanks(rest);
  const auto thread = take_number(rest);
  if (!thread || !take(rest, ' ')) return std::nullopt;
  head.thread = *thread;
  const auto place = take_until(rest, "] ", kLongestName);
  if (!place || place->empty()) return std::nullopt;
  head.file = place->substr(0, place->rfind(':'));
  head.rest = rest;
  return head;
}

std::optional<LogfmtHead> scan_logfmt_head(std::string_view line) {
  LogfmtHead head;
  std::string_view rest = line;
  std::optional<LogfmtPair> pair;
  do {
    head.text = rest;
    pair = take_pair(rest);
  } while (pair && put_pair(head, *pair));
  if (!pair || head.severity == Severity::unspecified) return std::nullopt;
  head.first = *pair;
  head.after = rest;
  return head;
}

std::optional<BasicHead> scan_basic_head(std::string_view line) {
  BasicHead head;
  head.rest = line;
  head.severity = oslo_level(take_until(head.rest, ":", kLongestLevel).value_or(""));
  if (head.severity == Severity::unspecified) return std::nullopt;
  const auto name = take_until(head.rest, ":", kLongestName);
  if (!name || !is_logger_name(*name) || is_digit(name->front())) return std::nullopt;
  head.logger = *name;
  return head;
}

ProgramLine classify_program_line(std::string_view line) {
  // This is asked of every line without a time, so a letter must settle it for nearly all.
  const char c = line.empty() ? '\0' : line.front();
  if (c >= 'A' && c <= 'Z') {
    if (scan_klog_head(line, Time{})) return ProgramLine::klog;
    return scan_basic_head(line) ? ProgramLine::single : ProgramLine::none;
  }
  if (c != 't' && c != 'l' && c != 's' && c != 'c') return ProgramLine::none;
  const auto head = scan_logfmt_head(line);
  return head && head->time ? ProgramLine::single : ProgramLine::none;
}

}  // namespace sentinella::codec
