// What Python programs write: oslo.log, daiquiri, bare tracebacks.
#include "codec/log_access.h"
#include "codec/log_formats.h"
#include "codec/log_line.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

constexpr std::string_view kTraceback = "Traceback (";

/// `ExcType: text`, the last such line of a traceback: the one to read first.
std::string_view last_exception(std::string_view traceback) {
  std::string_view found;
  while (!traceback.empty()) {
    const std::string_view line = without_cr(take_line(traceback));
    if (traceback_part(line) == TracebackPart::exception) found = line;
  }
  return found;
}

/// A record that is nothing but a traceback is called by its exception.
void name_by_exception(LogFields& fields) {
  if (!fields.message.empty() || fields.traceback.empty()) return;
  const std::string_view exception = last_exception(fields.traceback);
  fields.message = exception.empty() ? std::string_view("Traceback (most recent call last):") : exception;
}

/// Text of the lines before the one at `part`.
std::string_view before(std::string_view all, const char* part) {
  std::string_view text = all.substr(0, static_cast<std::size_t>(part - all.data()));
  if (text.ends_with('\n')) text.remove_suffix(1);
  return without_cr(text);
}

/// What a message ends with when it came from a terminal: the colour's end.
std::string_view without_colour(std::string_view text) {
  if (!text.ends_with('m')) return text;
  for (const std::string_view end : {"\x1b[00m", "\x1b[0m", "\x1b[m"})
    if (text.ends_with(end)) text.remove_suffix(end.size());
  return text;
}

/// The heads that oslo.log repeats before each line of a traceback: time, pid, ERROR, logger, instance.
class RepeatedHead {
 public:
  explicit RepeatedHead(const OsloHead& head) : head_(head) {}

  /// The part of `line` after the head; nothing when it does not begin with it.
  std::optional<std::string_view> strip(std::string_view line) {
    if (!known_.empty() && line.starts_with(known_)) {
      line.remove_prefix(known_.size());
      return line;
    }
    const std::string_view bare = skip_noise(line);
    if (!bare.starts_with(head_.time_text)) return std::nullopt;
    const auto again = scan_oslo_head(bare, head_.time);
    if (!again || again->pid != head_.pid || again->logger != head_.logger ||
        !is_level_of_traceback(again->severity))
      return std::nullopt;
    std::string_view rest = again->rest;
    take_instance(rest);
    known_ = line.substr(0, line.size() - rest.size());
    if (!known_.ends_with(' ')) known_ = {};
    return rest;
  }

 private:
  const OsloHead& head_;
  std::string_view known_;
};

void set_oslo_text(LogFields& fields, const OsloHead& head, std::string_view message,
                   const RecordText& text) {
  if (text.following.empty()) {
    fields.message = without_colour(message);
    if (message.starts_with(kTraceback)) fields.traceback = message, fields.message = {};
    return name_by_exception(fields);
  }
  RepeatedHead repeated(head);
  const std::string_view all = text.from(message);
  char* out = text.scratch.take(all.size() + 1);
  char* const begin = out;
  bool inside = message.starts_with(kTraceback);
  if (inside) {
    out = put_text(out, message);
    *out++ = '\n';
    fields.message = {};
  }
  for (std::string_view rest = text.following; !rest.empty();) {
    const std::string_view line = take_line(rest);
    const auto inner = repeated.strip(line);
    if (!inside && (inner || line.starts_with(kTraceback))) {
      inside = true;
      fields.message = before(all, line.data());
    }
    if (!inside) continue;
    out = put_text(out, without_cr(inner.value_or(line)));
    *out++ = '\n';
  }
  if (!inside) {
    fields.message = without_cr(all);
    return;
  }
  fields.traceback = {begin, static_cast<std::size_t>(out - begin - 1)};
  name_by_exception(fields);
}

}  // namespace

RecordText::RecordText(std::string_view text, Duration zone, TextScratch& memory, bool inner)
    : following(text), zone_offset(zone), scratch(memory), nested(inner) {
  line = skip_noise(without_cr(take_line(following)));
  if (!line.empty() && is_digit(line.front())) time = scan_iso_time(line);
}

RecordText::RecordText(std::string_view text, const WrittenTime& begin, bool one_line, Duration zone,
                       TextScratch& memory)
    : following(one_line ? std::string_view{} : text), zone_offset(zone), time(begin), scratch(memory) {
  line = skip_noise(without_cr(one_line ? text : take_line(following)));
}

std::string_view RecordText::from(std::string_view part) const {
  if (part.data() == nullptr) return {};
  const char* const end = following.empty() ? line.data() + line.size() : following.data() + following.size();
  return {part.data(), static_cast<std::size_t>(end - part.data())};
}

void set_time(LogFields& fields, const WrittenTime& time, Duration zone_offset) {
  fields.time = time.utc(zone_offset);
  if (time.offset)
    fields.flags &= ~static_cast<std::uint32_t>(LogRecord::kTimeAssumed);
  else
    fields.flags |= LogRecord::kTimeAssumed;
}

void set_text(LogFields& fields, std::string_view message, const RecordText& text) {
  const std::string_view all = without_cr(text.from(message));
  fields.message = all;
  fields.traceback = {};
  std::size_t at = 0;
  if (!message.starts_with(kTraceback)) {
    if (text.following.empty()) return;
    at = all.find("\nTraceback (");
    if (at == std::string_view::npos) return;
    ++at;
  }
  fields.message = before(all, all.data() + at);
  fields.traceback = all.substr(at);
  name_by_exception(fields);
}

bool parse_oslo(LogFields& fields, const RecordText& text) {
  const auto head = text.time ? scan_oslo_head(text.line, *text.time) : std::nullopt;
  if (!head) return false;
  fill_oslo(fields, text, *head);
  return true;
}

namespace {

/// All but time and process.
void fill_oslo_body(LogFields& fields, const RecordText& text, const OsloHead& head) {
  fields.format = LogFormat::oslo;
  fields.severity = head.severity;
  fields.component = head.logger;
  std::string_view message = without_cr(head.rest);
  if (const auto context = scan_oslo_context(message)) {
    fields.request_id = context->request_id;
    fields.global_request_id = context->global_request_id;
    fields.user_id = context->user_id;
    fields.project_id = context->project_id;
    fields.domain_id = context->domain_id;
    message = context->rest;
  }
  fields.instance = take_instance(message);
  scan_wsgi_request(message, fields.http);
  set_oslo_text(fields, head, message, text);
}

/// `text` without the colours of a terminal.
std::string_view without_colours(std::string_view text, TextScratch& scratch) {
  char* const begin = scratch.take(text.size());
  char* out = begin;
  while (!text.empty()) {
    const std::size_t escape = std::min(text.find('\x1b'), text.size());
    out = put_text(out, text.substr(0, escape));
    text.remove_prefix(escape);
    if (std::string_view colour = text; take(colour, "\x1b[") && take_until(colour, "m", 32))
      text = colour;
    else
      out = put_text(out, text.substr(0, 1)), text.remove_prefix(std::min<std::size_t>(1, text.size()));
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

/// `LEVEL logger [context] message`, where the context or a dot in the logger's name says that it is no
/// sentence.
bool take_oslo_body(LogFields& fields, const RecordText& text) {
  OsloHead head;
  std::string_view rest = text.line;
  head.severity = oslo_level(take_word(rest));
  if (head.severity == Severity::unspecified) return false;
  head.logger = take_word(rest);
  head.rest = rest;
  const bool named = head.logger.find('.') != std::string_view::npos && !head.logger.ends_with('.');
  if (!is_logger_name(head.logger) || (!named && !scan_oslo_context(rest))) return false;
  fill_oslo_body(fields, text, head);
  return true;
}

}  // namespace

void fill_oslo(LogFields& fields, const RecordText& text, const OsloHead& head) {
  set_time(fields, head.time, text.zone_offset);
  fields.pid = head.pid;
  fill_oslo_body(fields, text, head);
}

bool parse_oslo_body(LogFields& fields, const RecordText& text) {
  const std::string_view all = text.from(text.line);
  if (text.line.find('\x1b') == std::string_view::npos) return take_oslo_body(fields, text);
  return take_oslo_body(fields, {without_colours(all, text.scratch), text.zone_offset, text.scratch, true});
}

// `2026-11-21 10:04:48,124 [15877] INFO     gnocchi.service: text`
bool parse_daiquiri(LogFields& fields, const RecordText& text) {
  const auto& time = text.time;
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
  fields.format = LogFormat::daiquiri;
  set_time(fields, *time, text.zone_offset);
  fields.pid = *pid;
  fields.severity = *severity;
  fields.component = name->substr(0, name->find(' '));
  set_text(fields, rest, text);
  return true;
}

bool parse_bare_traceback(LogFields& fields, const RecordText& text) {
  const std::string_view all = text.from(text.line);
  if (!all.starts_with(kTraceback) && all.find("\nTraceback (") == std::string_view::npos) return false;
  fields.format = LogFormat::traceback;
  if (fields.severity == Severity::unspecified) fields.severity = Severity::error;
  set_text(fields, text.line, text);
  return true;
}

}  // namespace sentinella::codec
