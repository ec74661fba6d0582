// Requests and errors of web servers and proxies as records.
#include "codec/log_access.h"
#include "codec/log_formats.h"
#include "codec/log_line.h"
#include "codec/log_scan.h"

namespace sentinella::codec {

bool parse_uwsgi_access(LogFields& fields, const RecordText& text) {
  const auto access = scan_uwsgi_access(text.line);
  if (!access) return false;
  fields.format = LogFormat::uwsgi_access;
  set_time(fields, access->time, text.zone_offset);
  fields.pid = access->pid;
  fields.severity = Severity::info;
  fields.component = "uwsgi";
  fields.http = access->http;
  // Without the time and the byte counts in between, so that requests of one kind read the same.
  const std::string_view request = text.from(access->request);
  char* const begin = text.scratch.take(access->client.size() + 1 + request.size());
  char* out = put_text(begin, access->client);
  *out++ = ' ';
  out = put_text(out, request);
  fields.message = without_cr({begin, static_cast<std::size_t>(out - begin)});
  return true;
}

bool parse_apache_access(LogFields& fields, const RecordText& text) {
  const auto access = scan_apache_access(text.line);
  if (!access) return false;
  fields.format = LogFormat::apache_access;
  set_time(fields, access->time, text.zone_offset);
  fields.severity = Severity::info;
  fields.component = "access";
  fields.http = access->http;
  set_text(fields, text.line, text);
  return true;
}

// `[Mon Mar 02 10:11:12.123456 2026] [wsgi:error] [pid 41:tid 140] [client 10.0.0.9:41022] text`
bool parse_apache_error(LogFields& fields, const RecordText& text) {
  std::string_view rest = text.line;
  if (!take(rest, '[')) return false;
  const auto time = scan_ctime(rest);
  if (!time) return false;
  rest.remove_prefix(time->length);
  if (!take(rest, "] [")) return false;
  const auto origin = take_until(rest, "] ", 64);
  if (!origin) return false;
  const std::size_t colon = origin->find(':');
  const auto severity = parse_severity(colon == std::string_view::npos ? *origin : origin->substr(colon + 1));
  if (!severity) return false;
  fields.format = LogFormat::apache_error;
  set_time(fields, *time, text.zone_offset);
  fields.severity = *severity;
  if (colon != std::string_view::npos) fields.component = origin->substr(0, colon);
  std::string_view after = rest;
  if (take(after, "[pid "))
    if (const auto pid = take_number(after); pid && take_until(after, "] ", 64))
      fields.pid = *pid, rest = after;
  // mod_wsgi puts its own head before what a service logs.
  std::string_view inner = rest;
  if ((take(inner, "[remote ") || take(inner, "[client ")) && !take_until(inner, "] ", 128)) inner = {};
  if (!text.nested && !inner.empty() && is_digit(inner.front()) &&
      parse_oslo(fields, {text.from(inner), text.zone_offset, text.scratch, true}))
    return true;
  set_text(fields, rest, text);
  return true;
}

bool parse_swift_access(LogFields& fields, const RecordText& text) {
  const auto access = scan_swift_access(text.line);
  if (!access) return false;
  fields.format = LogFormat::swift_access;
  set_time(fields, access->time, text.zone_offset);
  fields.severity = Severity::info;
  if (fields.component.empty()) fields.component = "access";
  fields.request_id = access->transaction;
  fields.http = access->http;
  set_text(fields, text.line, text);
  return true;
}

bool parse_haproxy(LogFields& fields, const RecordText& text) {
  const auto line = scan_haproxy(text.line);
  if (!line) return false;
  fields.format = line->is_http ? LogFormat::haproxy_http : LogFormat::haproxy_tcp;
  set_time(fields, line->time, text.zone_offset);
  if (fields.severity == Severity::unspecified) fields.severity = Severity::info;
  fields.component = line->proxy;
  fields.http = line->http;
  set_text(fields, text.line, text);
  return true;
}

}  // namespace sentinella::codec
