#include "codec/log_line.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sentinella::codec {
namespace {

/// The word up to the next blank, which is taken too.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::optional<std::uint32_t> whole_number(std::string_view word) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return number;
}

Severity oslo_level(std::string_view word) {
  struct Level {
    std::string_view name;
    Severity severity;
  };
  constexpr std::array kLevels = {Level{"INFO", Severity::info},         Level{"WARNING", Severity::warning},
                                  Level{"ERROR", Severity::error},       Level{"DEBUG", Severity::debug},
                                  Level{"CRITICAL", Severity::critical}, Level{"TRACE", Severity::trace},
                                  Level{"AUDIT", Severity::audit},       Level{"WARN", Severity::warning},
                                  Level{"FATAL", Severity::critical}};
  for (const Level& level : kLevels)
    if (word == level.name) return level.severity;
  return Severity::unspecified;
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
  constexpr std::string_view kShape = "dddddd dd:dd:dd mysqld_safe";
  if (line.size() < kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = line[i] >= '0' && line[i] <= '9';
    if (i < 15 && kShape[i] == 'd' ? !digit : line[i] != kShape[i]) return false;
  }
  return true;
}

}  // namespace

std::optional<OsloHead> scan_oslo_head(std::string_view line) {
  const auto time = scan_iso_time(line);
  if (!time || time->length >= line.size() || line[time->length] != ' ') return std::nullopt;
  OsloHead head;
  head.time = *time;
  head.time_text = line.substr(0, time->length);
  std::string_view rest = line.substr(time->length + 1);
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
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view words = text.substr(1, close - 1);
  OsloContext context;
  context.rest = text.substr(close + 1);
  if (context.rest.starts_with(' ')) context.rest.remove_prefix(1);
  if (words == "-") return context;

  const std::string_view first = take_word(words);
  if (!is_request_id(first) && first != "None") return std::nullopt;
  std::string_view after = words;
  const std::string_view second = take_word(after);
  // Releases from Antelope on print the global id before the local one.
  if (is_request_id(second) || (first == "None" && second == "None")) {
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

std::optional<RabbitHead> scan_rabbit_head(std::string_view line) {
  const auto time = scan_iso_time(line);
  if (!time || !time->offset) return std::nullopt;
  std::string_view rest = line.substr(time->length);
  if (!rest.starts_with(" [")) return std::nullopt;
  rest.remove_prefix(2);
  const std::size_t close = rest.substr(0, 16).find("] <");
  if (close == std::string_view::npos) return std::nullopt;
  const auto severity = parse_severity(rest.substr(0, close));
  rest.remove_prefix(close + 3);
  const std::size_t end = rest.substr(0, 64).find('>');
  if (!severity || end == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(end + 1);
  RabbitHead head{*time, *severity, line.substr(0, line.size() - rest.size()), rest};
  if (head.rest.starts_with(' ')) head.rest.remove_prefix(1);
  return head;
}

std::optional<UwsgiAccess> scan_uwsgi_access(std::string_view line) {
  constexpr std::string_view kOpen = "[pid: ";
  if (!line.starts_with(kOpen)) return std::nullopt;
  std::string_view rest = line.substr(kOpen.size());
  const std::size_t bar = rest.substr(0, 16).find('|');
  const std::size_t close = rest.substr(0, 128).find("] ");
  if (bar == std::string_view::npos || close == std::string_view::npos || close < bar) return std::nullopt;
  const auto pid = whole_number(rest.substr(0, bar));
  rest.remove_prefix(close + 2);
  // The user's name between the parentheses may hold anything, so the time is what follows "bytes} ".
  const std::size_t at = rest.find("bytes} [");
  if (!pid || at == std::string_view::npos) return std::nullopt;
  const auto time = scan_ctime(rest.substr(at + 8));
  if (!time) return std::nullopt;
  return UwsgiAccess{*pid, *time, rest};
}

std::optional<WrittenTime> scan_apache_access(std::string_view line) {
  if (line.empty() || line.front() == ' ' || line.front() == '[') return std::nullopt;
  // host ident user: a user name may hold blanks, so the bracket is looked for within a bound.
  const std::size_t open = line.substr(0, 512).find(" [");
  if (open == std::string_view::npos || std::ranges::count(line.substr(0, open), ' ') < 2)
    return std::nullopt;
  const auto time = scan_access_time(line.substr(open + 2));
  if (!time || !line.substr(open + 2 + time->length).starts_with("] \"")) return std::nullopt;
  return time;
}

LineStart classify_start(std::string_view line) {
  line = skip_noise(line);
  if (line.empty()) return LineStart::none;
  const char c = line.front();
  if (c >= '0' && c <= '9') {
    if (scan_oslo_head(line)) return LineStart::oslo;
    if (scan_rabbit_head(line)) return LineStart::rabbit;
    if (scan_iso_time(line) || is_mysqld_safe(line)) return LineStart::timed;
    return scan_apache_access(line) ? LineStart::access : LineStart::none;
  }
  if (c == '[') {
    if (scan_uwsgi_access(line)) return LineStart::access;
    return scan_ctime(line.substr(1)) ? LineStart::timed : LineStart::none;
  }
  if (c == '<' && is_priority(line)) return LineStart::timed;
  if (line.starts_with("*** ") || line.starts_with("DAMN ! ") || line.starts_with("--- Logging error ---"))
    return LineStart::plain;
  if (scan_syslog_time(line, Time{})) return LineStart::timed;
  return scan_apache_access(line) ? LineStart::access : LineStart::none;
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
