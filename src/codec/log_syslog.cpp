// RFC 3164 and RFC 5424, as received or as rsyslog writes them to files.
#include "codec/log_formats.h"
#include "codec/log_journal.h"
#include "codec/log_scan.h"

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

/// `<163>`, at most 191.
bool take_priority(std::string_view& text, SyslogHead& head) {
  if (!take(text, '<')) return true;
  const auto priority = whole_number(take_until(text, ">", 4).value_or(""));
  if (!priority || *priority > 191) return false;
  head.severity = severity_of_priority(*priority);
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
  text.remove_prefix(text.size());
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
  head.pid = whole_number(take_word(text)).value_or(0);
  take_word(text);
  if (!skip_structured_data(text)) return false;
  take(text, ' ');
  take(text, "\xef\xbb\xbf");
  head.text = text;
  return true;
}

/// RFC 3164 section 4.1, after the priority: `TIME HOST TAG[PID]: text`; rsyslog's files have an ISO time. A
/// tag may end the line.
bool scan_3164(std::string_view text, Time near, SyslogHead& head) {
  head.time = scan_syslog_time(text, near);
  if (!head.time) head.time = scan_iso_time(text);
  if (!head.time || head.time->length >= text.size()) return false;
  text.remove_prefix(head.time->length + 1);
  head.host = take_word(text);
  std::size_t colon = text.substr(0, 128).find(": ");
  if (colon == std::string_view::npos && text.size() < 128 && text.ends_with(':')) colon = text.size() - 1;
  if (head.host.empty() || colon == std::string_view::npos) return false;
  std::string_view tag = text.substr(0, colon);
  if (tag.empty() || tag.find(' ') != std::string_view::npos) return false;
  head.text = text.substr(std::min(colon + 2, text.size()));
  if (const std::size_t open = tag.find('['); open != std::string_view::npos && tag.ends_with(']')) {
    head.pid = whole_number(tag.substr(open + 1, tag.size() - open - 2)).value_or(0);
    tag = tag.substr(0, open);
  }
  head.tag = tag;
  return true;
}

}  // namespace

bool parse_syslog(LogFields& fields, const RecordText& text) {
  SyslogHead head;
  std::string_view rest = text.line;
  if (!take_priority(rest, head)) return false;
  const bool found = (head.severity && scan_5424(rest, head)) || scan_3164(rest, fields.time, head);
  if (!found) return false;
  fields.format = LogFormat::syslog;
  if (head.time) set_time(fields, *head.time, text.zone_offset);
  if (head.severity) fields.severity = *head.severity;
  if (fields.host.empty()) fields.host = head.host;
  fields.component = head.tag;
  fields.pid = head.pid;
  const RecordText inner(text.from(head.text), text.zone_offset, text.scratch, true);
  if (!parse_known(fields, inner)) set_text(fields, head.text, text);
  return true;
}

Severity severity_of_priority(std::uint32_t priority) {
  constexpr Severity kLevels[] = {Severity::critical, Severity::critical, Severity::critical,
                                  Severity::error,    Severity::warning,  Severity::info,
                                  Severity::info,     Severity::debug};
  return kLevels[priority & 7];
}

}  // namespace sentinella::codec
