// RFC 3164 and RFC 5424, as received or as rsyslog writes them to files.
#include <algorithm>
#include <charconv>

#include "codec/log_formats.h"
#include "codec/log_line.h"

namespace sentinella::codec {
namespace {

struct SyslogHead {
  std::optional<WrittenTime> time;
  std::optional<Severity> severity;
  std::string_view host;
  std::string_view tag;
  std::uint32_t pid = 0;
  std::string_view text;
};

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

Severity of_priority(std::uint32_t priority) {
  constexpr Severity kLevels[] = {Severity::critical, Severity::critical, Severity::critical,
                                  Severity::error,    Severity::warning,  Severity::info,
                                  Severity::info,     Severity::debug};
  return kLevels[priority & 7];
}

/// `<163>`, at most 191.
bool take_priority(std::string_view& text, SyslogHead& head) {
  if (!text.starts_with('<')) return true;
  const std::size_t close = text.substr(0, 5).find('>');
  std::uint32_t priority = 0;
  if (close == std::string_view::npos) return false;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + close, priority);
  if (error != std::errc{} || end != text.data() + close || priority > 191) return false;
  head.severity = of_priority(priority);
  text.remove_prefix(close + 1);
  return true;
}

/// `-` or `[id name="value" ...]...`; inside a value `\` escapes the next byte. False when it never closes.
bool skip_structured_data(std::string_view& text) {
  if (text.starts_with('-')) return text.remove_prefix(1), true;
  if (!text.starts_with('[')) return false;
  bool quoted = false, inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && c == '[')
      inside = true;
    else if (!quoted && c == ']')
      inside = false;
    else if (!inside)
      return text.remove_prefix(i), true;
  }
  if (inside) return false;
  text = {};
  return true;
}

/// RFC 5424 section 6, after the priority: `1 TIME HOST APP PROCID MSGID SD [MSG]`.
bool scan_5424(std::string_view text, SyslogHead& head) {
  if (!text.starts_with("1 ")) return false;
  text.remove_prefix(2);
  const std::string_view time = take_word(text);
  if (time != "-") {
    head.time = scan_iso_time(time);
    if (!head.time || head.time->length != time.size()) return false;
  }
  const auto known = [](std::string_view word) { return word == "-" ? std::string_view{} : word; };
  head.host = known(take_word(text));
  head.tag = known(take_word(text));
  head.pid = number(take_word(text));
  take_word(text);
  if (!skip_structured_data(text)) return false;
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  head.text = text;
  return true;
}

/// RFC 3164 section 4.1, after the priority: `TIME HOST TAG[PID]: text`; rsyslog's files have an ISO time.
bool scan_3164(std::string_view text, Time near, SyslogHead& head) {
  head.time = scan_syslog_time(text, near);
  if (!head.time) head.time = scan_iso_time(text);
  if (!head.time || head.time->length >= text.size()) return false;
  text.remove_prefix(head.time->length + 1);
  head.host = take_word(text);
  const std::size_t colon = text.substr(0, 128).find(": ");
  if (head.host.empty() || colon == std::string_view::npos) return false;
  std::string_view tag = text.substr(0, colon);
  if (tag.empty() || tag.find(' ') != std::string_view::npos) return false;
  head.text = text.substr(colon + 2);
  if (const std::size_t open = tag.find('['); open != std::string_view::npos && tag.ends_with(']')) {
    head.pid = number(tag.substr(open + 1, tag.size() - open - 2));
    tag = tag.substr(0, open);
  }
  head.tag = tag;
  return true;
}

}  // namespace

bool parse_syslog(LogRecord& record, const RecordText& text) {
  SyslogHead head;
  std::string_view rest = text.line;
  if (!take_priority(rest, head)) return false;
  const bool found = (head.severity && scan_5424(rest, head)) || scan_3164(rest, record.time, head);
  if (!found) return false;
  if (head.time) set_time(record, *head.time, text.zone_offset);
  if (head.severity) record.severity = *head.severity;
  if (record.host.empty()) record.host = head.host;
  record.component = head.tag;
  record.pid = head.pid;
  if (scan_oslo_head(head.text)) {
    record.flags &= ~static_cast<std::uint32_t>(LogRecord::kTimeAssumed);
    return parse_oslo(record, {head.text, text.following, text.zone_offset});
  }
  set_text(record, head.text, text.following);
  return true;
}

}  // namespace sentinella::codec
