// Entries of systemd's journal (systemd.journal-fields(7)): whose they are, how far they are read, and how
// they travel. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/tail/file_identity.h"
#include "base/time.h"

namespace sentinella::agent {

/// In the configuration a service's log may be "journal" (of its unit, NAME.service), "journal:UNIT" or
/// "journal:FIELD=VALUE". True for these three forms.
bool is_journal(std::string_view log);

/// A field and its value; an entry is a service's when one of its terms holds. A term holds when all in it
/// do.
using JournalTerm = std::vector<std::string>;
/// What the service says, and what systemd says of its unit.
std::vector<JournalTerm> journal_terms(std::string_view log, std::string_view service);

struct JournalField {
  std::string_view name;
  std::string_view value;
};
/// The fields that the server reads (codec/log_journal.h), beside the time.
extern const std::vector<const char*> kJournalFields;

/// The entry as a line of the journal's JSON format.
std::string journal_line(const std::vector<JournalField>& fields, Time received);

/// How far the journal is read, as the position of a file: which sequence of numbers (128 bits in device and
/// inode), the last number read (offset), when that was received (head_hash, microseconds).
inline constexpr std::string_view kJournalPath = "journal";
/// nullopt: not a cursor of the journal.
std::optional<FilePosition> position_of_cursor(std::string_view cursor);
/// What sd_journal_seek_cursor() takes.
std::string cursor_of_position(const FilePosition& position);

}  // namespace sentinella::agent
