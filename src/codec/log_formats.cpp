#include "codec/log_formats.h"

#include <algorithm>
#include <charconv>

#include "codec/log_line.h"

namespace sentinella::codec {
namespace {

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// The text up to `end`, which is taken too; nothing when `end` is not within `limit` bytes.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view end, std::size_t limit) {
  const std::size_t at = text.substr(0, limit).find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return part;
}

std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

void add_line(std::string& to, std::string_view line, bool first) {
  if (!first) to += '\n';
  to += line;
}

/// `ExcType: text`, the last such line of a traceback: the one to read first.
std::string_view last_exception(std::string_view traceback) {
  std::string_view found;
  while (!traceback.empty()) {
    const std::string_view line = take_line(traceback);
    if (traceback_part(line) == TracebackPart::exception) found = line;
  }
  return found;
}

/// A record that is nothing but a traceback is called by its exception.
void name_by_exception(LogRecord& record) {
  if (record.message.empty() ? record.traceback.empty() : !record.message.starts_with("Traceback (")) return;
  if (!record.message.empty())
    record.traceback = record.message + (record.traceback.empty() ? "" : "\n" + record.traceback);
  const std::string_view exception = last_exception(record.traceback);
  record.message = exception.empty() ? "Traceback (most recent call last):" : exception;
}

/// The part of `line` after the head that oslo.log repeats before each line of a traceback.
std::optional<std::string_view> repeated(std::string_view line, const OsloHead& head) {
  if (!line.starts_with(head.time_text)) return std::nullopt;
  const auto again = scan_oslo_head(line);
  if (!again || again->pid != head.pid || again->logger != head.logger || again->severity != Severity::error)
    return std::nullopt;
  std::string_view rest = again->rest;
  take_instance(rest);
  return rest;
}

void set_oslo_text(LogRecord& record, const OsloHead& head, std::string_view message,
                   std::string_view following) {
  record.message = message;
  record.traceback.clear();
  bool in_traceback = false;
  while (!following.empty()) {
    const std::string_view line = take_line(following);
    const auto inner = repeated(line, head);
    const bool first = !in_traceback;
    in_traceback = in_traceback || inner || line.starts_with("Traceback (");
    if (in_traceback)
      add_line(record.traceback, inner.value_or(line), first);
    else
      add_line(record.message, line, false);
  }
  name_by_exception(record);
}

}  // namespace

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void set_time(LogRecord& record, const WrittenTime& time, Duration zone_offset) {
  record.time = time.utc(zone_offset);
  if (!time.offset) record.flags |= LogRecord::kTimeAssumed;
}

void set_text(LogRecord& record, std::string_view message, std::string_view following) {
  record.message = message;
  record.traceback.clear();
  bool in_traceback = message.starts_with("Traceback (");
  while (!following.empty()) {
    const std::string_view line = take_line(following);
    const bool begins = !in_traceback && line.starts_with("Traceback (");
    in_traceback = in_traceback || begins;
    if (in_traceback)
      add_line(record.traceback, line, record.traceback.empty());
    else
      add_line(record.message, line, false);
  }
  name_by_exception(record);
}

bool parse_oslo(LogRecord& record, const RecordText& text) {
  const auto head = scan_oslo_head(text.line);
  if (!head) return false;
  set_time(record, head->time, text.zone_offset);
  record.pid = head->pid;
  record.severity = head->severity;
  record.component = head->logger;
  std::string_view message = head->rest;
  if (const auto context = scan_oslo_context(message)) {
    record.request_id = context->request_id;
    record.global_request_id = context->global_request_id;
    record.user_id = context->user_id;
    record.project_id = context->project_id;
    message = context->rest;
  }
  record.instance = take_instance(message);
  set_oslo_text(record, *head, message, text.following);
  return true;
}

bool parse_rabbit(LogRecord& record, const RecordText& text) {
  const auto head = scan_rabbit_head(text.line);
  if (!head) return false;
  set_time(record, head->time, text.zone_offset);
  record.severity = head->severity;
  record.message = head->rest;
  record.traceback.clear();
  std::string_view following = text.following;
  while (!following.empty()) {
    std::string_view line = take_line(following);
    if (take(line, head->head)) take(line, " ");
    add_line(record.message, line, record.message.empty());
  }
  return true;
}

// `2026-11-21 10:04:48,124 [15877] INFO     gnocchi.service: text`
bool parse_daiquiri(LogRecord& record, const RecordText& text) {
  const auto time = scan_iso_time(text.line);
  if (!time) return false;
  std::string_view rest = text.line.substr(time->length);
  if (!take(rest, " [")) return false;
  const auto pid = take_number(rest);
  if (!pid || !take(rest, "] ")) return false;
  rest = skip_noise(rest);
  const auto level = take_until(rest, " ", 16);
  const auto severity = parse_severity(level.value_or(""));
  if (!severity) return false;
  skip_blanks(rest);
  // Between the logger and ": " daiquiri may print extra fields in brackets.
  const auto name = take_until(rest, ": ", 512);
  if (!name) return false;
  set_time(record, *time, text.zone_offset);
  record.pid = *pid;
  record.severity = *severity;
  record.component = name->substr(0, name->find(' '));
  set_text(record, rest, text.following);
  return true;
}

// `2026-03-02  9:11:12 0 [Warning] WSREP: text`; the number is a thread of the server, not a process.
bool parse_mariadb(LogRecord& record, const RecordText& text) {
  const auto time = scan_iso_time(text.line);
  if (!time) return false;
  std::string_view rest = text.line.substr(time->length);
  if (!take(rest, " ") || !take_number(rest) || !take(rest, " [")) return false;
  const auto severity = parse_severity(take_until(rest, "] ", 16).value_or(""));
  if (!severity) return false;
  set_time(record, *time, text.zone_offset);
  record.severity = *severity;
  for (const std::string_view part : {"InnoDB", "WSREP", "Aria"})
    if (rest.starts_with(part) && rest.substr(part.size()).starts_with(": ")) record.component = part;
  set_text(record, rest, text.following);
  return true;
}

// `2026-03-02 10:11:12.345+0000: 1911: error : virNetSocketReadWire:1791 : text`
bool parse_libvirt(LogRecord& record, const RecordText& text) {
  const auto time = scan_iso_time(text.line);
  if (!time) return false;
  std::string_view rest = text.line.substr(time->length);
  if (!take(rest, ": ")) return false;
  const auto thread = take_number(rest);
  if (!thread || !take(rest, ": ")) return false;
  const auto severity = parse_severity(take_until(rest, " : ", 16).value_or(""));
  if (!severity) return false;
  set_time(record, *time, text.zone_offset);
  record.severity = *severity;
  record.pid = *thread;
  if (const auto place = take_until(rest, " : ", 256)) record.component = place->substr(0, place->rfind(':'));
  set_text(record, rest, text.following);
  return true;
}

// `2026-03-02T10:11:12.345Z|00042|rconn(thread)|WARN|text`
bool parse_ovs(LogRecord& record, const RecordText& text) {
  const auto time = scan_iso_time(text.line);
  if (!time) return false;
  std::string_view rest = text.line.substr(time->length);
  if (!take(rest, "|") || !take_until(rest, "|", 16)) return false;
  const auto module = take_until(rest, "|", 128);
  if (!module) return false;
  const auto severity = parse_severity(take_until(rest, "|", 16).value_or(""));
  if (!severity) return false;
  set_time(record, *time, text.zone_offset);
  record.severity = *severity;
  record.component = module->substr(0, module->find('('));
  set_text(record, rest, text.following);
  return true;
}

bool parse_uwsgi_access(LogRecord& record, const RecordText& text) {
  const auto access = scan_uwsgi_access(text.line);
  if (!access) return false;
  set_time(record, access->time, text.zone_offset);
  record.pid = access->pid;
  record.severity = Severity::info;
  record.component = "uwsgi";
  // Without the time and the byte counts in between, so that requests of one kind read the same.
  set_text(record, std::string(access->client).append(" ").append(access->request), text.following);
  return true;
}

bool parse_apache_access(LogRecord& record, const RecordText& text) {
  const auto time = scan_apache_access(text.line);
  if (!time) return false;
  set_time(record, *time, text.zone_offset);
  record.severity = Severity::info;
  record.component = "access";
  set_text(record, text.line, text.following);
  return true;
}

// `[Mon Mar 02 10:11:12.123456 2026] [wsgi:error] [pid 41:tid 140] [client 10.0.0.9:41022] text`
bool parse_apache_error(LogRecord& record, const RecordText& text) {
  std::string_view rest = text.line;
  if (!take(rest, "[")) return false;
  const auto time = scan_ctime(rest);
  if (!time) return false;
  rest.remove_prefix(time->length);
  if (!take(rest, "] [")) return false;
  const auto origin = take_until(rest, "] ", 64);
  if (!origin) return false;
  const std::size_t colon = origin->find(':');
  const auto severity = parse_severity(colon == std::string_view::npos ? *origin : origin->substr(colon + 1));
  if (!severity) return false;
  set_time(record, *time, text.zone_offset);
  record.severity = *severity;
  record.component = colon == std::string_view::npos ? std::string_view{} : origin->substr(0, colon);
  std::string_view after = rest;
  if (take(after, "[pid "))
    if (const auto pid = take_number(after); pid && take_until(after, "] ", 64))
      record.pid = *pid, rest = after;
  set_text(record, rest, text.following);
  return true;
}

bool parse_bare_traceback(LogRecord& record, const RecordText& text) {
  // `following` begins after one newline of the same text, so both are one view.
  const std::string_view all(text.line.data(),
                             text.line.size() + (text.following.empty() ? 0 : text.following.size() + 1));
  const std::size_t at = all.starts_with("Traceback (") ? 0 : all.find("\nTraceback (");
  if (at == std::string_view::npos) return false;
  if (record.severity == Severity::unspecified) record.severity = Severity::error;
  set_text(record, text.line, text.following);
  return true;
}

}  // namespace sentinella::codec
