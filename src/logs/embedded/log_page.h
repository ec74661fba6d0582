// Gathers the best records of a search, bounded in number and in bytes.
#pragma once

#include <map>
#include <optional>

#include "logs/embedded/log_matcher.h"
#include "logs/log_store.h"

namespace sentinella::logs {

/// Texts in one page; a page may therefore hold fewer records than asked for, and has a cursor to go on.
inline constexpr std::size_t kMaxPageBytes = 64u << 20;

class PageBuilder {
 public:
  /// Wants what comes after `after`.
  PageBuilder(std::size_t limit, bool newest_first, std::optional<Position> after)
      : limit_(limit), newest_first_(newest_first), after_(after) {}

  std::size_t limit() const { return limit_; }
  bool wants(const Position& position) const;
  /// A record that wants() took.
  void add(const RecordView& view);
  /// What is left of a range in which records can still get onto the page.
  TimeRange within(TimeRange range) const;
  /// Nothing at this instant or further on can still get onto the page.
  bool is_beyond(Time instant) const;
  LogPage take();

 private:
  bool before(const Position& a, const Position& b) const { return newest_first_ ? b < a : a < b; }
  std::map<Position, LogRecord>::iterator last() {
    return newest_first_ ? kept_.begin() : std::prev(kept_.end());
  }
  void drop_last();

  std::size_t limit_;
  bool newest_first_;
  std::optional<Position> after_;
  std::optional<Position> dropped_;  // the foremost record that had to go: the page ends before it
  std::map<Position, LogRecord> kept_;
  std::size_t bytes_ = 0;
};

}  // namespace sentinella::logs
