// Follows all configured logs: inotify tells when something happened, a look at every path each interval
// makes up for what inotify cannot see (network file systems, missing directories).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/event_loop.h"
#include "agent/tail/log_source.h"
#include "base/time.h"

namespace sentinella::agent {

struct FollowedLog {
  std::string service;
  std::string path;
  bool by_pattern = false;  ///< it may be gone for good
};

/// Not thread-safe; lives on the loop's thread.
class LogFollower {
 public:
  struct Callbacks {
    std::function<void(std::size_t log, codec::FramedRecord record)> record;
    /// `problem` = "": readable again.
    std::function<void(std::size_t log, const std::string& problem)> readable;
    /// True: records cannot be taken now; the files wait.
    std::function<bool()> busy;
  };

  /// `clock` only says how long a log is quiet.
  LogFollower(EventLoop& loop, const Clock& clock, std::vector<FollowedLog> logs, Callbacks callbacks);
  ~LogFollower();
  LogFollower(const LogFollower&) = delete;
  LogFollower& operator=(const LogFollower&) = delete;

  void start(const PositionTable& positions);
  /// One more, which has just appeared: it is read from its beginning. Its number may be that of one found by
  /// a pattern that is gone and read to its end.
  std::size_t add(FollowedLog log);
  /// Looks at every path; reads what came unnoticed. Once an interval.
  void poll();
  /// Reads the logs of a service to their end and completes their records, within `limit`.
  void drain(std::string_view service, Duration limit);
  /// Completes all records; for the end of the agent.
  void flush_all();

  /// Where reading began, of all logs.
  std::vector<FilePosition> first_positions() const;
  /// Of the logs that handed over something since the last call.
  std::vector<FilePosition> take_positions();
  const std::vector<FollowedLog>& logs() const { return logs_; }
  const LogSource& source(std::size_t log) const { return sources_[log]; }
  /// Whether the file at `path` is open already, as a log's own or as one that was rotated away.
  bool holds(const std::string& path) const;
  /// For how long the log was not read to its end: while busy(), before our start. 0: it is.
  Duration waited(std::size_t log) const;

 private:
  std::size_t free_number() const;
  void watch_directory(std::size_t log);
  void watch_file(std::size_t log);
  int add_watch(const std::string& path, std::uint32_t events, std::size_t log);
  void forget_watch(int watch);
  void on_inotify();
  void check(std::size_t log);
  std::size_t read(std::size_t log, std::size_t max_bytes);
  void mark_unread(std::size_t log);
  void read_turn();
  void schedule_turn(Duration delay);
  void schedule_flush();
  OpenLog::Sink sink(std::size_t log);

  EventLoop& loop_;
  const Clock& clock_;
  std::vector<FollowedLog> logs_;
  const Callbacks callbacks_;
  std::vector<LogSource> sources_;
  std::vector<std::string> reported_problems_;
  std::vector<bool> moved_;                          ///< positions not taken yet
  std::vector<bool> unread_;                         ///< something to read, as far as we know
  std::vector<Time> unread_since_;                   ///< when unread_ became true
  std::map<int, std::vector<std::size_t>> watches_;  ///< inotify watch -> logs
  std::vector<int> directory_watch_;                 ///< per log, -1 = none
  std::vector<int> file_watch_;
  std::vector<FileIdentity> watched_file_;
  FileDescriptor inotify_;
  bool turn_scheduled_ = false;
  bool flush_scheduled_ = false;
  EventLoop::TimerId turn_timer_{};
  EventLoop::TimerId flush_timer_{};
};

}  // namespace sentinella::agent
