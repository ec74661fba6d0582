// Logs that are JSON objects, one a line.
#include <cmath>
#include <cstring>

#include <simdjson.h>

#include "codec/log_formats.h"
#include "codec/log_journal.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

namespace od = simdjson::ondemand;

/// What lies in the parser's own memory, or nowhere in one piece, moves to the scratch memory.
class Keeper {
 public:
  explicit Keeper(TextScratch& scratch) : scratch_(scratch) {}

  std::string_view keep(std::string_view text) {
    char* const copy = scratch_.take(text.size());
    put_text(copy, text);
    return {copy, text.size()};
  }
  /// A string; an array of strings as lines; an array of bytes, which is how journalctl writes what is no
  /// UTF-8; else "".
  std::string_view text(od::value value) {
    std::string_view string;
    if (!value.get_string().get(string)) return keep(string);
    od::array array;
    if (value.get_array().get(array)) return {};
    std::string all;
    for (auto element : array) {
      std::uint64_t byte = 0;
      od::value item;
      if (element.get(item)) break;
      if (!item.get_uint64().get(byte)) {
        all += static_cast<char>(byte);
      } else if (!item.get_string().get(string)) {
        // The lines of oslo.log's traceback end with a newline or do not.
        if (!all.empty() && all.back() != '\n') all += '\n';
        all += string;
      }
    }
    return keep(all);
  }

 private:
  TextScratch& scratch_;
};

/// What programs that are not OpenStack's own call level, message, time and logger.
struct OtherProgram {
  std::string_view level, message, time, logger;
  double seconds = 0;  ///< since 1970, where the time is a number
};

/// All the keys of the kinds that matter, and of oslo.log's context.
struct Found {
  std::string_view level, logger, message, traceback, host, docker_log, docker_time;
  std::string_view request_id, global_request_id, user_id, project_id, domain_id, instance;
  std::uint64_t pid = 0;
  double created = 0;
  bool has_log = false;
  OtherProgram other;
  JournalEntry journal;
};

void read_context(od::object context, Keeper& keeper, Found& found) {
  for (auto field : context) {
    std::string_view name, value;
    if (field.unescaped_key().get(name)) return;
    std::string_view* place = nullptr;
    if (name == "request_id") place = &found.request_id;
    if (name == "global_request_id") place = &found.global_request_id;
    if (name == "user_id" || (name == "user" && found.user_id.empty())) place = &found.user_id;
    if (name == "project_id" || (name == "tenant" && found.project_id.empty())) place = &found.project_id;
    if (name == "project_domain_id" || name == "project_domain") place = &found.domain_id;
    if (name == "instance_uuid" || name == "instance") place = &found.instance;
    if (place && !field.value().get_string().get(value)) *place = keeper.keep(value);
  }
}

/// `_PID`, `MESSAGE`.
bool is_journal_field(std::string_view name) {
  return name.size() > 2 && (name.front() == '_' || (name[1] >= 'A' && name[1] <= 'Z'));
}

/// False: the name is none of these.
bool read_other(std::string_view name, od::value value, Keeper& keeper, OtherProgram& other) {
  if (name == "level" || name == "lvl" || name == "severity")
    other.level = keeper.text(value);
  else if (name == "msg")
    other.message = keeper.text(value);
  else if (name == "logger" || name == "caller" || name == "component")
    other.logger = keeper.text(value);
  else if (name != "ts" && name != "timestamp" && name != "@timestamp" && name != "asctime")
    return false;
  else if (value.get_double().get(other.seconds))
    other.seconds = 0, other.time = keeper.text(value);
  return true;
}

void read_field(std::string_view name, od::value value, Keeper& keeper, Found& found) {
  if (name == "levelname") {
    found.level = keeper.text(value);
  } else if (name == "name") {
    found.logger = keeper.text(value);
  } else if (name == "message") {
    found.message = keeper.text(value);
  } else if (name == "traceback") {
    found.traceback = keeper.text(value);
  } else if (name == "hostname") {
    found.host = keeper.text(value);
  } else if (name == "process") {
    if (value.get_uint64().get(found.pid)) found.pid = 0;
  } else if (name == "created") {
    if (value.get_double().get(found.created)) found.created = 0;
  } else if (name == "context" || name == "extra") {
    od::object inner;
    if (!value.get_object().get(inner)) read_context(inner, keeper, found);
  } else if (name == "log") {
    found.docker_log = keeper.text(value);
    found.has_log = true;
  } else if (name == "time") {
    found.docker_time = keeper.text(value);
  } else if (!read_other(name, value, keeper, found.other) && is_journal_field(name)) {
    found.journal.add(keeper.keep(name), keeper.text(value));
  }
}

/// False when it is no JSON object. A text that ends too early gives what it had until there.
bool read_object(std::string_view line, TextScratch& scratch, Found& found) {
  thread_local od::parser parser;
  char* const padded = scratch.take(line.size() + simdjson::SIMDJSON_PADDING);
  put_text(padded, line);
  std::memset(padded + line.size(), 0, simdjson::SIMDJSON_PADDING);
  od::document document;
  od::object object;
  if (parser.iterate(padded, line.size(), line.size() + simdjson::SIMDJSON_PADDING).get(document) ||
      document.get_object().get(object))
    return false;
  Keeper keeper(scratch);
  for (auto field : object) {
    std::string_view name;
    od::value value;
    if (field.unescaped_key().get(name)) break;
    name = keeper.keep(name);
    if (field.value().get(value)) break;
    read_field(name, value, keeper, found);
  }
  return true;
}

/// The time as a number of seconds since 1970 (a double is good to a microsecond of those), else as a text.
void set_json_time(LogFields& fields, const RecordText& text, double seconds, std::string_view written) {
  if (seconds > 0 && seconds < 9e9) {
    fields.time = Time{std::llround(seconds * 1e6) * 1'000};
    fields.flags &= ~static_cast<std::uint32_t>(LogRecord::kTimeAssumed);
  } else if (const auto time = scan_iso_time(written)) {
    set_time(fields, *time, text.zone_offset);
  }
}

void fill_json(LogFields& fields, const RecordText& text, const Found& found, Severity severity) {
  fields.format = LogFormat::oslo_json;
  fields.severity = severity;
  fields.component = found.logger;
  fields.pid = found.pid <= UINT32_MAX ? static_cast<std::uint32_t>(found.pid) : 0;
  set_json_time(fields, text, found.created, found.other.time);
  if (fields.host.empty()) fields.host = found.host;
  fields.request_id = found.request_id;
  fields.global_request_id = found.global_request_id;
  fields.user_id = found.user_id;
  fields.project_id = found.project_id;
  fields.domain_id = found.domain_id;
  fields.instance = found.instance;
  const RecordText inner(found.message, text.zone_offset, text.scratch, true);
  set_text(fields, inner.line, inner);
  if (!found.traceback.empty()) fields.traceback = found.traceback;
}

bool fill_other(LogFields& fields, const RecordText& text, const Found& found) {
  const auto severity = parse_severity(found.other.level);
  const std::string_view message = found.other.message.empty() ? found.message : found.other.message;
  if (!severity || message.empty()) return false;
  fields.format = LogFormat::json;
  fields.severity = *severity;
  fields.component = found.other.logger.empty() ? found.logger : found.other.logger;
  set_json_time(fields, text, found.other.seconds,
                found.other.time.empty() ? found.docker_time : found.other.time);
  const RecordText inner(message, text.zone_offset, text.scratch, true);
  set_text(fields, inner.line, inner);
  return true;
}

bool fill_container(LogFields& fields, const RecordText& text, LogFormat format, std::string_view written,
                    std::string_view time) {
  const auto at = scan_iso_time(time);
  if (!at) return false;
  fields.format = format;
  set_time(fields, *at, text.zone_offset);
  if (written.ends_with('\n')) written.remove_suffix(1);
  const RecordText inner(written, text.zone_offset, text.scratch, true);
  if (!parse_known(fields, inner)) set_text(fields, inner.line, inner);
  return true;
}

}  // namespace

bool parse_json(LogFields& fields, const RecordText& text) {
  if (!text.line.starts_with('{')) return false;
  Found found;
  if (!read_object(text.from(text.line), text.scratch, found)) return false;
  if (const auto severity = parse_severity(found.level); severity && !found.logger.empty()) {
    fill_json(fields, text, found, *severity);
    return true;
  }
  if (!text.nested && found.has_log)
    return fill_container(fields, text, LogFormat::docker_json, found.docker_log, found.docker_time);
  return fill_other(fields, text, found) ||
         (!text.nested && found.journal.fill(fields, text, LogFormat::journal_json));
}

bool parse_cri(LogFields& fields, const RecordText& text) {
  std::string_view rest = text.line;
  const auto& time = text.time;
  if (text.nested || !time || !time->offset) return false;
  const std::string_view time_text = rest.substr(0, time->length);
  rest.remove_prefix(time->length);
  if (!take(rest, " stdout ") && !take(rest, " stderr ")) return false;
  if (!take(rest, "F ") && !take(rest, "P ")) return false;
  return fill_container(fields, text, LogFormat::cri, text.from(rest), time_text);
}

}  // namespace sentinella::codec
