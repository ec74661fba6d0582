#include "codec/log_line.h"

#include <algorithm>
#include <array>

#include "codec/log_access.h"
#include "codec/log_program_head.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

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
  switch (classify_program_line(line)) {
    case ProgramLine::klog:
      return LineStart::klog;
    case ProgramLine::single:
      return LineStart::plain;
    case ProgramLine::none:
      break;
  }
  if (scan_syslog_time(line, Time{})) return LineStart::timed;
  return is_access_line(line) ? LineStart::access : LineStart::none;
}

/// The words up to a closing bracket, all found in one pass.
class BracketWords {
 public:
  explicit BracketWords(std::string_view text) : text_(text) {
    std::size_t at = 0;
#if defined(__SSE2__)
    constexpr std::size_t kStep = 16;
    for (; at + kStep <= text.size(); at += kStep) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
      const auto close = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(']'))));
      auto blanks = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '))));
      if (close != 0) blanks &= (close & -close) - 1;
      for (; blanks != 0; blanks &= blanks - 1) add(at + static_cast<std::size_t>(std::countr_zero(blanks)));
      if (close == 0) continue;
      size_ = at + static_cast<std::size_t>(std::countr_zero(close));
      add(size_);
      return;
    }
#endif
    for (; at < text.size(); ++at) {
      if (text[at] == ' ') add(at);
      if (text[at] != ']') continue;
      size_ = at;
      add(at);
      return;
    }
  }
  /// Where the bracket closes; npos: nowhere.
  std::size_t size() const { return size_; }
  /// More than there is room for are not counted.
  std::size_t count() const { return count_; }
  std::string_view operator[](std::size_t i) const {
    if (i >= count_) return {};
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1] + 1u;
    return text_.substr(begin, ends_[i] - begin);
  }

 private:
  void add(std::size_t end) {
    if (count_ < ends_.size()) ends_[count_++] = static_cast<std::uint32_t>(end);
  }

  std::string_view text_;
  std::size_t size_ = std::string_view::npos;
  std::size_t count_ = 0;
  std::array<std::uint32_t, 16> ends_;
};

/// A word that is a number of 32 bits.
std::optional<std::uint32_t> take_pid(std::string_view& text) {
  constexpr std::size_t kMostDigits = 10;
  std::uint64_t number = 0;
  std::size_t size = 0;
  for (; size < text.size() && size <= kMostDigits && is_digit(text[size]); ++size)
    number = number * 10 + static_cast<std::uint64_t>(text[size] - '0');
  if (size == 0 || number > UINT32_MAX || (size < text.size() && text[size] != ' ')) return std::nullopt;
  text.remove_prefix(std::min(size + 1, text.size()));
  return static_cast<std::uint32_t>(number);
}

/// The levels that nearly all lines have, each a comparison of one word of the machine.
Severity take_usual_level(std::string_view& text) {
  const auto is = [&](std::string_view level) {
    if (!text.starts_with(level)) return false;
    text.remove_prefix(level.size());
    return true;
  };
  if (is("INFO ")) return Severity::info;
  if (is("ERROR ")) return Severity::error;
  if (is("DEBUG ")) return Severity::debug;
  if (is("WARNING ")) return Severity::warning;
  return Severity::unspecified;
}

bool may_begin_path(char c) {
  return (c >= 'a' && c <= 'z') || c == '/' || c == '.' || c == '~';
}

/// The name of a file that is all of the line's first word but for a line's number, when a time follows it.
std::string_view skip_file_name(std::string_view line) {
  constexpr std::size_t kLongest = 160;
  const std::size_t suffix = line.substr(0, kLongest).find(".log");
  if (suffix == std::string_view::npos || line.substr(0, suffix).find(' ') != std::string_view::npos)
    return line;
  for (std::size_t at = suffix + 4; at < std::min(line.size(), kLongest); ++at) {
    const bool ends = line[at] == ' ' || line[at] == '\t';
    if ((ends || line[at] == ':') && scan_iso_time(line.substr(at + 1))) return line.substr(at + 1);
    if (ends) break;
  }
  return line;
}

}  // namespace

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
  if (const auto pid = take_pid(rest)) head.pid = *pid;
  head.severity = take_usual_level(rest);
  if (head.severity == Severity::unspecified) {
    const std::string_view word = take_word(rest);
    head.severity = oslo_level(word);
    if (head.severity == Severity::unspecified && head.pid != 0 && whole_number<std::uint64_t>(word)) {
      take_word(rest);
      head.severity = oslo_level(take_word(rest));
    }
  }
  if (head.severity == Severity::unspecified) return std::nullopt;
  head.logger = take_word(rest);
  // In brackets stands something else: of log4j a thread.
  const bool bracket = head.logger.starts_with('[') && head.logger.ends_with(']') && head.logger != "[-]";
  if (head.logger.empty() || bracket) return std::nullopt;
  head.rest = rest;
  return head;
}

std::optional<OsloContext> scan_oslo_context(std::string_view text) {
  if (text.size() < 3 || text[0] != '[') return std::nullopt;
  OsloContext context;
  if (text[1] == '-' && text[2] == ']') {
    context.rest = text.substr(3);
    take(context.rest, ' ');
    return context;
  }
  if (!text.starts_with("[req-") && !text.starts_with("[None ")) return std::nullopt;
  const BracketWords words(text.substr(1));
  if (words.size() == std::string_view::npos) return std::nullopt;
  context.rest = text.substr(words.size() + 2);
  take(context.rest, ' ');

  const std::string_view first = words[0], second = words[1];
  // Releases from Antelope on print the global id before the local one.
  const bool both = is_request_id(second) || (first == "None" && second == "None");
  if (both) {
    context.global_request_id = or_nothing(first);
    context.request_id = or_nothing(second);
  } else if (is_request_id(first)) {
    context.request_id = first;
  } else {
    return std::nullopt;
  }
  const std::size_t user = both ? 2 : 1;
  context.user_id = or_nothing(words[user]);
  context.project_id = or_nothing(words[user + 1]);
  context.domain_id = or_nothing(words[user + 2]);
  if (!context.domain_id.empty() || words.count() <= user + 3) return context;
  context.domain_id = or_nothing(words[words.count() - 1]);
  if (context.domain_id.empty() && words.count() > user + 4)
    context.domain_id = or_nothing(words[words.count() - 2]);
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
  if (!is_digit(line.front())) return {classify_undated(line), {}, {}};
  if (const auto time = scan_iso_time(line)) {
    if (const auto head = scan_oslo_head(line, *time)) return {LineStart::oslo, *head, {}};
    const auto rabbit = scan_rabbit_head(line, *time);
    ClassifiedLine out{rabbit ? LineStart::rabbit : LineStart::timed, {}, {}};
    out.oslo.time = *time;
    if (rabbit) out.rabbit_head = rabbit->head;
    return out;
  }
  if (is_mysqld_safe(line)) return {LineStart::timed, {}, {}};
  return {is_access_line(line) ? LineStart::access : LineStart::none, {}, {}};
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

std::string_view skip_real_noise(std::string_view line) {
  while (!line.empty()) {
    if (line.front() == '\0') {
      line.remove_prefix(std::min(line.find_first_not_of('\0'), line.size()));
    } else if (line.starts_with("\x1b[")) {
      const std::size_t end = line.substr(0, 32).find('m');
      if (end == std::string_view::npos) return line;
      line.remove_prefix(end + 1);
    } else {
      return may_begin_path(line.front()) ? skip_file_name(line) : line;
    }
  }
  return line;
}

}  // namespace sentinella::codec
