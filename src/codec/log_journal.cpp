#include "codec/log_journal.h"

#include <cstring>

#include "codec/log_scan.h"

namespace sentinella::codec {

void JournalEntry::add(std::string_view name, std::string_view value) {
  struct Field {
    std::string_view name;
    std::string_view JournalEntry::* place;
  };
  // The last nine are what oslo_log.handlers.OSJournalHandler adds, or systemd by itself.
  static constexpr Field kFields[] = {{"PRIORITY", &JournalEntry::priority_},
                                      {"SYSLOG_IDENTIFIER", &JournalEntry::identifier_},
                                      {"_SYSTEMD_UNIT", &JournalEntry::unit_},
                                      {"_PID", &JournalEntry::pid_},
                                      {"SYSLOG_PID", &JournalEntry::syslog_pid_},
                                      {"_HOSTNAME", &JournalEntry::host_},
                                      {"LOGGER_NAME", &JournalEntry::logger_},
                                      {"REQUEST_ID", &JournalEntry::request_id_},
                                      {"USER_ID", &JournalEntry::user_id_},
                                      {"PROJECT_ID", &JournalEntry::project_id_},
                                      {"EXCEPTION_TEXT", &JournalEntry::exception_},
                                      {"__REALTIME_TIMESTAMP", &JournalEntry::received_us_},
                                      {"_SOURCE_REALTIME_TIMESTAMP", &JournalEntry::sent_us_}};
  if (name == "MESSAGE") {
    message_ = value;
    has_message_ = true;
    return;
  }
  for (const Field& field : kFields)
    if (name == field.name) this->*field.place = value;
}

bool JournalEntry::fill(LogFields& fields, const RecordText& text, LogFormat format) const {
  if (!has_message_) return false;
  fields.format = format;
  const auto us = whole_number<std::int64_t>(sent_us_.empty() ? received_us_ : sent_us_);
  if (us && *us < INT64_MAX / 1'000) {
    fields.time = Time{*us * 1'000};
    fields.flags &= ~static_cast<std::uint32_t>(LogRecord::kTimeAssumed);
  }
  if (const auto priority = whole_number(priority_)) fields.severity = severity_of_priority(*priority);
  if (fields.host.empty()) fields.host = host_;
  fields.pid = whole_number(pid_).value_or(whole_number(syslog_pid_).value_or(0));
  fields.component = !logger_.empty() ? logger_ : !identifier_.empty() ? identifier_ : unit_;
  fields.request_id = request_id_;
  fields.user_id = user_id_;
  fields.project_id = project_id_;
  const RecordText inner(message_, text.zone_offset, text.scratch, true);
  if (parse_known(fields, inner)) return true;
  set_text(fields, inner.line, inner);
  if (fields.traceback.empty() && exception_.starts_with("Traceback (")) fields.traceback = exception_;
  return true;
}

// KEY=value, or KEY, then the value's length in 8 bytes, little-endian, and the value; see systemd.io.
bool parse_journal_export(LogFields& fields, const RecordText& text) {
  if (!text.line.starts_with("__CURSOR=")) return false;
  JournalEntry entry;
  std::string_view rest = text.from(text.line);
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos) {
      entry.add(line.substr(0, equals), without_cr(line.substr(equals + 1)));
      continue;
    }
    std::uint64_t size = 0;
    if (line.empty() || rest.size() < sizeof size) continue;
    std::memcpy(&size, rest.data(), sizeof size);
    if (size > rest.size() - sizeof size) break;
    entry.add(line, rest.substr(sizeof size, size));
    rest.remove_prefix(sizeof size + size);
    take(rest, '\n');
  }
  return entry.fill(fields, text, LogFormat::journal_export);
}

}  // namespace sentinella::codec
