#include "codec/log_line.h"

#include <algorithm>

#include "codec/log_access.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

Severity oslo_level(std::string_view word) {
  // The last letter but one tells them all apart; a comparison with a text of known length is no call.
  const auto level = [&](bool is_it, Severity severity) { return is_it ? severity : Severity::unspecified; };
  switch (word.size() < 4 ? '\0' : word[word.size() - 2]) {
    case 'F':
      return level(word == "INFO", Severity::info);
    case 'N':
      return level(word == "WARNING", Severity::warning);
    case 'O':
      return level(word == "ERROR", Severity::error);
    case 'U':
      return level(word == "DEBUG", Severity::debug);
    case 'A':
      return level(word == "CRITICAL" || word == "FATAL", Severity::critical);
    case 'C':
      return level(word == "TRACE", Severity::trace);
    case 'I':
      return level(word == "AUDIT", Severity::audit);
    case 'R':
      return level(word == "WARN", Severity::warning);
    default:
      return Severity::unspecified;
  }
}

std::string_view or_nothing(std::string_view word) {
  return word == "-" || word == "None" ? std::string_view{} : word;
}

bool is_request_id(std::string_view word) {
  return word.starts_with("req-");
}

bool is_priority(std::string_view line) {
  const std::size_t close = line.substr(0, 5).find('>');
  return line.starts_with('<') && close != std::string_view::npos && whole_number(line.substr(1, close - 1));
}

bool is_mysqld_safe(std::string_view line) {
  const auto time = scan_mysqld_safe_time(line);
  return time && line.substr(time->length).starts_with(" mysqld_safe");
}

/// A line that does not begin with a digit.
LineStart classify_undated(std::string_view line) {
  switch (line.front()) {
    case ' ':
    case '\t':
      return LineStart::none;
    case '[':
      if (is_uwsgi_access(line)) return LineStart::access;
      return scan_ctime(line.substr(1)) ? LineStart::timed : LineStart::none;
    case '<':
      return is_priority(line) ? LineStart::timed : LineStart::none;
    case '{':
      return line.starts_with("{\"") && line.ends_with('}') ? LineStart::json : LineStart::none;
    case '_':
      if (line.starts_with("__CURSOR=")) return LineStart::journal;
      break;
    default:
      break;
  }
  if (line.starts_with("*** ") || line.starts_with("DAMN ! ") || line.starts_with("--- Logging error ---"))
    return LineStart::plain;
  if (scan_syslog_time(line, Time{})) return LineStart::timed;
  return is_access_line(line) ? LineStart::access : LineStart::none;
}

}  // namespace

std::optional<OsloHead> scan_oslo_head(std::string_view line) {
  const auto time = scan_iso_time(line);
  return time ? scan_oslo_head(line, *time) : std::nullopt;
}

std::optional<OsloHead> scan_oslo_head(std::string_view line, const WrittenTime& time) {
  if (time.length >= line.size() || line[time.length] != ' ') return std::nullopt;
  OsloHead head;
  head.time = time;
  head.time_text = line.substr(0, time.length);
  std::string_view rest = line.substr(time.length + 1);
  std::string_view word = take_word(rest);
  if (const auto pid = whole_number(word)) {
    head.pid = *pid;
    word = take_word(rest);
  }
  head.severity = oslo_level(word);
  head.logger = take_word(rest);
  if (head.severity == Severity::unspecified || head.logger.empty()) return std::nullopt;
  head.rest = rest;
  return head;
}

std::optional<OsloContext> scan_oslo_context(std::string_view text) {
  if (!text.starts_with('[')) return std::nullopt;
  OsloContext context;
  if (text.starts_with("[-]")) {
    context.rest = text.substr(3);
    take(context.rest, ' ');
    return context;
  }
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view words = text.substr(1, close - 1);
  context.rest = text.substr(close + 1);
  take(context.rest, ' ');

  const std::string_view first = take_word(words);
  if (!is_request_id(first) && first != "None") return std::nullopt;
  std::string_view after = words;
  const std::string_view second = take_word(after);
  // Releases from Antelope on print the global id before the local one.
  const bool both = is_request_id(second) || (first == "None" && second == "None");
  if (both) {
    context.global_request_id = or_nothing(first);
    context.request_id = or_nothing(second);
    words = after;
  } else if (is_request_id(first)) {
    context.request_id = first;
  } else {
    return std::nullopt;
  }
  context.user_id = or_nothing(take_word(words));
  context.project_id = or_nothing(take_word(words));
  context.domain_id = or_nothing(take_word(words));
  if (context.domain_id.empty() && !words.empty()) {
    const std::size_t last = words.rfind(' ') + 1;
    context.domain_id = or_nothing(words.substr(last));
    if (context.domain_id.empty() && last > 1) {
      const std::string_view before = words.substr(0, last - 1);
      context.domain_id = or_nothing(before.substr(before.rfind(' ') + 1));
    }
  }
  return context;
}

std::string_view take_instance(std::string_view& text) {
  constexpr std::string_view kOpen = "[instance: ";
  if (!text.starts_with(kOpen)) return {};
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return {};
  const std::string_view id = text.substr(kOpen.size(), close - kOpen.size());
  text.remove_prefix(close + 1);
  if (text.starts_with(' ')) text.remove_prefix(1);
  return id;
}

std::optional<RabbitHead> scan_rabbit_head(std::string_view line, const WrittenTime& time) {
  std::string_view rest = line.substr(time.length);
  if (!take(rest, " [")) return std::nullopt;
  const auto level = take_until(rest, "] <", 16);
  const auto severity = parse_severity(level.value_or(""));
  const auto process = take_until(rest, ">", 64);
  if (!severity || !process || process->empty() || !is_digit(process->front())) return std::nullopt;
  RabbitHead head{time, *severity, line.substr(0, line.size() - rest.size()), rest};
  take(head.rest, ' ');
  return head;
}

ClassifiedLine classify_line(std::string_view line) {
  line = skip_noise(line);
  if (line.empty()) return {};
  if (!is_digit(line.front())) return {classify_undated(line), {}};
  if (const auto time = scan_iso_time(line)) {
    if (const auto head = scan_oslo_head(line, *time)) return {LineStart::oslo, *head};
    const bool rabbit = scan_rabbit_head(line, *time).has_value();
    ClassifiedLine out{rabbit ? LineStart::rabbit : LineStart::timed, {}};
    out.oslo.time = *time;
    return out;
  }
  if (is_mysqld_safe(line)) return {LineStart::timed, {}};
  return {is_access_line(line) ? LineStart::access : LineStart::none, {}};
}

TracebackPart traceback_part(std::string_view line) {
  if (line.find_first_not_of(" \t") == std::string_view::npos) return TracebackPart::empty;
  if (line.starts_with("Traceback (")) return TracebackPart::begin;
  if (line.front() == ' ' || line.front() == '\t') return TracebackPart::frame;
  if (line.starts_with("During handling of the above") || line.starts_with("The above exception"))
    return TracebackPart::chain;
  for (const std::string_view start :
       {"Call stack:", "Message: ", "Arguments: ", "[SQL: ", "(Background on this error"})
    if (line.starts_with(start)) return TracebackPart::appendix;
  std::size_t end = 0;
  bool capital = false;
  for (; end < line.size(); ++end) {
    const char c = line[end];
    const bool upper = c >= 'A' && c <= 'Z';
    capital |= upper;
    if (!(upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.')) break;
  }
  const bool named = end > 0 && capital && (end == line.size() || line[end] == ':');
  return named ? TracebackPart::exception : TracebackPart::none;
}

std::string_view skip_noise(std::string_view line) {
  while (!line.empty()) {
    if (line.front() == '\0') {
      line.remove_prefix(std::min(line.find_first_not_of('\0'), line.size()));
    } else if (line.starts_with("\x1b[")) {
      const std::size_t end = line.substr(0, 32).find('m');
      if (end == std::string_view::npos) return line;
      line.remove_prefix(end + 1);
    } else {
      return line;
    }
  }
  return line;
}

}  // namespace sentinella::codec
