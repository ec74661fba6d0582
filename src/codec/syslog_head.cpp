#include "codec/syslog_head.h"

#include <algorithm>

#include "codec/log_journal.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

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

/// `name[pid]` or `name`.
bool set_tag(std::string_view tag, SyslogHead& head) {
  if (const std::size_t open = tag.find('['); open != std::string_view::npos && tag.ends_with(']')) {
    head.pid = whole_number(tag.substr(open + 1, tag.size() - open - 2)).value_or(0);
    tag = tag.substr(0, open);
  }
  head.tag = tag;
  return !tag.empty() && tag.find(' ') == std::string_view::npos;
}

/// `[PID] `
bool take_pid(std::string_view& text, SyslogHead& head) {
  std::string_view rest = text;
  if (!take(rest, '[')) return false;
  const auto pid = take_number(rest);
  if (!pid || !take(rest, "] ")) return false;
  head.pid = *pid;
  text = rest;
  return true;
}

/// Pacemaker and Corosync in files of their own: `TIME HOST name  [PID] text`, `TIME [PID] HOST name text`.
bool scan_cluster_head(std::string_view text, SyslogHead& head) {
  const bool pid_first = take_pid(text, head);
  head.host = take_word(text);
  head.tag = take_word(text);
  if (head.tag.ends_with(':')) head.tag.remove_suffix(1);
  skip_blanks(text);
  if (head.host.empty() || head.tag.empty() || (!pid_first && !take_pid(text, head))) return false;
  head.text = text;
  return true;
}

/// RFC 3164 section 4.1, after the priority: `TIME HOST TAG[PID]: text`; rsyslog's files have an ISO time. A
/// tag may end the line; dnsmasq's own file has no host.
bool scan_3164(std::string_view text, Time near, SyslogHead& head) {
  head.time = scan_syslog_time(text, near);
  const bool in_iso = !head.time;
  if (in_iso) head.time = scan_iso_time(text);
  if (!head.time || head.time->length >= text.size()) return false;
  text.remove_prefix(head.time->length + 1);
  const std::string_view after_time = text;
  head.host = take_word(text);
  if (!in_iso && head.host.ends_with(':')) {
    const std::string_view tag = head.host.substr(0, head.host.size() - 1);
    head.host = {};
    head.text = text;
    return set_tag(tag, head);
  }
  std::size_t colon = text.substr(0, 128).find(": ");
  if (colon == std::string_view::npos && text.size() < 128 && text.ends_with(':')) colon = text.size() - 1;
  if (!head.host.empty() && colon != std::string_view::npos && set_tag(text.substr(0, colon), head)) {
    head.text = text.substr(std::min(colon + 2, text.size()));
    return true;
  }
  head.pid = 0;
  return !in_iso && scan_cluster_head(after_time, head);
}

}  // namespace

std::optional<SyslogHead> scan_syslog_head(std::string_view line, Time near) {
  SyslogHead head;
  if (!take_priority(line, head)) return std::nullopt;
  if ((head.severity && scan_5424(line, head)) || scan_3164(line, near, head)) return head;
  return std::nullopt;
}

std::optional<Severity> syslog_severity(std::string_view message) {
  SyslogHead head;
  return take_priority(message, head) ? head.severity : std::nullopt;
}

}  // namespace sentinella::codec
