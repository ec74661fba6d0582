#include "agent/tail/journal_entry.h"

#include <charconv>

#include "base/json.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::string_view kPrefix = "journal:";

std::optional<std::uint64_t> hex_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

const std::vector<const char*> kJournalFields = {
    "MESSAGE", "PRIORITY",   "SYSLOG_IDENTIFIER", "_SYSTEMD_UNIT",
    "_PID",    "SYSLOG_PID", "LOGGER_NAME",       "REQUEST_ID",
    "USER_ID", "PROJECT_ID", "EXCEPTION_TEXT",    "_SOURCE_REALTIME_TIMESTAMP"};

bool is_journal(std::string_view log) {
  return log == kJournalPath || (log.starts_with(kPrefix) && log.size() > kPrefix.size());
}

std::vector<JournalTerm> journal_terms(std::string_view log, std::string_view service) {
  std::string what(log == kJournalPath ? service : log.substr(kPrefix.size()));
  if (what.find('=') != std::string::npos) return {{what}};
  if (what.find('.') == std::string::npos) what += ".service";
  return {{"_SYSTEMD_UNIT=" + what}, {"UNIT=" + what, "_PID=1"}};
}

std::string journal_line(const std::vector<JournalField>& fields, Time received) {
  JsonWriter json;
  json.object().field("__REALTIME_TIMESTAMP", std::to_string(received.ns / 1000));
  for (const JournalField& field : fields) json.field(field.name, field.value);
  json.end();
  return json.take();
}

std::optional<FilePosition> position_of_cursor(std::string_view cursor) {
  FilePosition position;
  position.path = kJournalPath;
  bool sequence = false, number = false;
  for (std::string_view part : split(cursor, ';')) {
    if (part.size() < 3 || part[1] != '=') continue;
    const std::string_view value = part.substr(2);
    if (part[0] == 's') {
      const auto high = hex_number(value.substr(0, 16));
      const auto low = value.size() == 32 ? hex_number(value.substr(16)) : std::nullopt;
      if (!high || !low) return std::nullopt;
      position.file.device = *high;
      position.file.inode = *low;
      sequence = true;
    } else if (const auto parsed = hex_number(value); parsed && part[0] == 'i') {
      position.offset = *parsed;
      number = true;
    } else if (parsed && part[0] == 't') {
      position.file.head_hash = *parsed;
    }
  }
  return sequence && number ? std::optional(position) : std::nullopt;
}

std::string cursor_of_position(const FilePosition& position) {
  const std::string time = fmt::format("t={:x}", position.file.head_hash);
  if (position.file.device == 0 && position.file.inode == 0) return time;
  return fmt::format("s={:016x}{:016x};i={:x};{}", position.file.device, position.file.inode, position.offset,
                     time);
}

}  // namespace sentinella::agent
