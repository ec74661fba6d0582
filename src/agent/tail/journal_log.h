// Follows systemd's journal for the services that log there: from the place where it was left, one reader for
// all.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/event_loop.h"
#include "agent/systemd/library.h"
#include "agent/tail/journal_entry.h"
#include "agent/tail/position_store.h"
#include "base/time.h"

namespace sentinella::agent {

struct JournalService {
  std::string name;
  std::vector<JournalTerm> terms;
};

/// Not thread-safe; lives on the loop's thread.
class JournalLog {
 public:
  struct Callbacks {
    /// `message` is the entry's own text, `line` the whole of it (journal_line). `history`: it was there
    /// before.
    std::function<void(std::size_t service, std::string message, std::string line, bool history)> record;
    /// True: nothing can be taken now; the journal keeps it.
    std::function<bool()> busy;
  };
  /// `directory`: "" = this host's journal.
  JournalLog(EventLoop& loop, const Clock& clock, std::vector<JournalService> services,
             std::filesystem::path directory, Callbacks callbacks);
  ~JournalLog();
  JournalLog(const JournalLog&) = delete;
  JournalLog& operator=(const JournalLog&) = delete;

  /// Goes on where `table` says; without a place there the last 100 entries are handed over as history.
  /// kUnsupported: no libsystemd; kIo, kForbidden: the journal cannot be read.
  Result<void> start(const PositionTable& table);
  /// Reads what is there, also unnoticed.
  void poll();
  /// For how long it was not read to its end: while busy(), before our start. 0: it is.
  Duration waited() const;
  /// Where reading began.
  FilePosition first_position() const { return position_; }
  /// Of what was handed over since the last call.
  std::optional<FilePosition> take_position();

 private:
  Result<void> open();
  Result<void> add_matches();
  void seek(const PositionTable& table);
  void on_change();
  void read_turn();
  void schedule(Duration delay);
  void hand_over();
  std::optional<std::string_view> field(const char* name) const;
  std::optional<std::size_t> whose() const;

  EventLoop& loop_;
  const Clock& clock_;
  const std::vector<JournalService> services_;
  const std::filesystem::path directory_;
  const Callbacks callbacks_;
  const SystemdLibrary* library_ = nullptr;
  sd_journal* journal_ = nullptr;
  FilePosition position_;
  std::string skip_;       ///< a cursor: this entry was read in an earlier life
  bool on_entry_ = false;  ///< the reader stands on an entry that was not handed over
  Time history_end_;
  std::optional<Time> unread_since_;  ///< absent: read to its end
  bool moved_ = false;
  int watched_ = -1;
  bool scheduled_ = false;
  EventLoop::TimerId timer_{};
};

}  // namespace sentinella::agent
