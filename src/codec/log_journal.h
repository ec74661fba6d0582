// Entries of systemd's journal as fields of a log record, however they were written down (systemd.journal-
// fields(7), "Journal Export Formats" and "Journal JSON Format" of systemd.io).
#pragma once

#include <string_view>

#include "codec/log_formats.h"

namespace sentinella::codec {

/// 0 is the worst; facilities are masked away.
Severity severity_of_priority(std::uint32_t priority);

/// Takes one field of an entry after another, then fills a record. Values must outlive it.
class JournalEntry {
 public:
  void add(std::string_view name, std::string_view value);
  /// False, and nothing filled, when there was no MESSAGE. A message of a known format is parsed too: its
  /// time and level win.
  bool fill(LogFields& fields, const RecordText& text, LogFormat format) const;

 private:
  std::string_view message_, priority_, identifier_, unit_, pid_, syslog_pid_, host_, logger_, request_id_;
  std::string_view user_id_, project_id_, exception_, received_us_, sent_us_;
  bool has_message_ = false;
};

}  // namespace sentinella::codec
