#include "agent/tail/log_follower.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kTurnBytes = 256 << 10;
constexpr Duration kQuiet = 150ms;
constexpr Duration kBusyPause = 200ms;
constexpr std::uint32_t kDirectoryEvents = IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_MOVE_SELF | IN_ONLYDIR;
constexpr int kNone = -1;
constexpr std::uint32_t kFileEvents = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;

}  // namespace

LogFollower::LogFollower(EventLoop& loop, const Clock& clock, std::vector<FollowedLog> logs,
                         Callbacks callbacks)
    : loop_(loop),
      clock_(clock),
      logs_(std::move(logs)),
      callbacks_(std::move(callbacks)),
      reported_problems_(logs_.size()),
      moved_(logs_.size()),
      unread_(logs_.size()),
      unread_since_(logs_.size()),
      directory_watch_(logs_.size(), kNone),
      file_watch_(logs_.size(), kNone),
      watched_file_(logs_.size()),
      inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  for (const FollowedLog& log : logs_) sources_.emplace_back(log.path);
}

LogFollower::~LogFollower() {
  if (inotify_) loop_.unwatch(inotify_.get());
  loop_.cancel(turn_timer_);
  loop_.cancel(flush_timer_);
}

void LogFollower::start(const PositionTable& positions) {
  if (!inotify_ || !loop_.watch(inotify_.get(), [this] { on_inotify(); }))
    log::warning("agent.tail", "inotify is not available; logs are looked at once an interval");
  const auto saved = positions.saved();
  const Duration away = saved ? std::max(system_clock().now() - *saved, Duration(0)) : Duration(0);
  for (std::size_t log = 0; log < logs_.size(); ++log) {
    sources_[log].start(positions, clock_.now());
    watch_directory(log);
    check(log);
    unread_[log] = true;
    unread_since_[log] = clock_.now() - away;
  }
  schedule_turn(Duration(0));
}

std::size_t LogFollower::free_number() const {
  for (std::size_t log = 0; log < logs_.size(); ++log) {
    const LogSource& source = sources_[log];
    if (logs_[log].by_pattern && !source.exists() && !moved_[log] && source.unread_bytes() == 0 &&
        !source.has_open_record())
      return log;
  }
  return logs_.size();
}

std::size_t LogFollower::add(FollowedLog added) {
  const std::size_t log = free_number();
  if (log == logs_.size()) {
    logs_.emplace_back();
    sources_.emplace_back("");
    for (auto* flags : {&moved_, &unread_}) flags->push_back(false);
    for (auto* watches : {&directory_watch_, &file_watch_}) watches->push_back(kNone);
    reported_problems_.emplace_back();
    unread_since_.emplace_back();
    watched_file_.emplace_back();
  }
  PositionTable known;
  known.mark_known(added.path);
  sources_[log] = LogSource(added.path);
  logs_[log] = std::move(added);
  reported_problems_[log].clear();
  directory_watch_[log] = file_watch_[log] = kNone;
  sources_[log].start(known, clock_.now());
  watch_directory(log);
  check(log);
  mark_unread(log);
  schedule_turn(Duration(0));
  return log;
}

int LogFollower::add_watch(const std::string& path, std::uint32_t events, std::size_t log) {
  const int watch = ::inotify_add_watch(inotify_.get(), path.c_str(), events);
  if (watch < 0) return kNone;
  auto& logs = watches_[watch];
  if (std::ranges::find(logs, log) == logs.end()) logs.push_back(log);
  return watch;
}

void LogFollower::watch_directory(std::size_t log) {
  if (directory_watch_[log] != kNone) return;
  directory_watch_[log] =
      add_watch(std::filesystem::path(logs_[log].path).parent_path(), kDirectoryEvents, log);
}

void LogFollower::watch_file(std::size_t log) {
  const FileIdentity* current = sources_[log].current();
  if (!current) return;
  if (file_watch_[log] != kNone && watched_file_[log].same_inode(*current)) return;
  watched_file_[log] = *current;
  // Through /proc, so that it is the open file that is watched, whatever has its name by now.
  file_watch_[log] = add_watch(fmt::format("/proc/self/fd/{}", sources_[log].current_fd()), kFileEvents, log);
}

/// The next look watches anew what is at the paths then.
void LogFollower::forget_watch(int watch) {
  for (std::size_t log : watches_[watch]) {
    if (directory_watch_[log] == watch) directory_watch_[log] = kNone;
    if (file_watch_[log] == watch) file_watch_[log] = kNone;
  }
}

void LogFollower::on_inotify() {
  alignas(inotify_event) char buffer[4096];
  std::vector<bool> look(logs_.size()), changed(logs_.size());
  for (;;) {
    const ssize_t n = ::read(inotify_.get(), buffer, sizeof buffer);
    if (n <= 0) break;
    for (ssize_t at = 0; at < n;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if (event->mask & IN_Q_OVERFLOW) look.assign(logs_.size(), true);
      const auto found = watches_.find(event->wd);
      if (found == watches_.end()) continue;
      const std::string_view name = event->len ? event->name : "";
      for (std::size_t log : found->second) {
        const bool concerns = name.empty() || logs_[log].path.ends_with(name);
        if (event->mask & IN_MODIFY)
          changed[log] = true;
        else if (concerns)
          look[log] = true;
      }
      if (event->mask & (IN_IGNORED | IN_MOVE_SELF)) forget_watch(event->wd);
      if (event->mask & IN_IGNORED) watches_.erase(found);
    }
  }
  for (std::size_t log = 0; log < logs_.size(); ++log) {
    if (look[log]) check(log);
    if (look[log] || changed[log]) mark_unread(log);
  }
  schedule_turn(Duration(0));
}

OpenLog::Sink LogFollower::sink(std::size_t log) {
  return [this, log](codec::FramedRecord record) {
    moved_[log] = true;
    callbacks_.record(log, std::move(record));
  };
}

void LogFollower::check(std::size_t log) {
  LogSource& source = sources_[log];
  source.check(clock_.now(), sink(log));
  watch_file(log);
  if (source.problem() == reported_problems_[log]) return;
  reported_problems_[log] = source.problem();
  callbacks_.readable(log, source.problem());
}

std::size_t LogFollower::read(std::size_t log, std::size_t max_bytes) {
  const std::size_t bytes = sources_[log].read(max_bytes, clock_.now(), sink(log));
  if (bytes > 0) moved_[log] = true;
  return bytes;
}

void LogFollower::mark_unread(std::size_t log) {
  if (!unread_[log]) unread_since_[log] = clock_.now();
  unread_[log] = true;
}

bool LogFollower::holds(const std::string& path) const {
  struct stat there{};
  return ::stat(path.c_str(), &there) == 0 && std::ranges::any_of(sources_, [&](const LogSource& source) {
           return source.holds(there.st_dev, there.st_ino);
         });
}

Duration LogFollower::waited(std::size_t log) const {
  return unread_[log] ? clock_.now() - unread_since_[log] : Duration(0);
}

void LogFollower::read_turn() {
  if (callbacks_.busy()) {
    // What is rotated away meanwhile must be held, to be read afterwards.
    for (std::size_t log = 0; log < logs_.size(); ++log)
      if (unread_[log]) check(log);
    return schedule_turn(kBusyPause);
  }
  bool more = false;
  for (std::size_t log = 0; log < logs_.size(); ++log) {
    if (!unread_[log]) continue;
    unread_[log] = read(log, kTurnBytes) >= kTurnBytes;
    more = more || unread_[log];
  }
  schedule_flush();
  if (more) schedule_turn(Duration(0));
}

void LogFollower::schedule_turn(Duration delay) {
  if (turn_scheduled_) return;
  turn_scheduled_ = true;
  turn_timer_ = loop_.after(delay, [this] {
    turn_scheduled_ = false;
    read_turn();
  });
}

void LogFollower::schedule_flush() {
  const bool any_open = std::ranges::any_of(sources_, [](const LogSource& s) { return s.has_open_record(); });
  if (flush_scheduled_ || !any_open) return;
  flush_scheduled_ = true;
  flush_timer_ = loop_.after(kQuiet, [this] {
    flush_scheduled_ = false;
    for (std::size_t log = 0; log < logs_.size(); ++log)
      sources_[log].flush(clock_.now() - kQuiet, sink(log));
    schedule_flush();
  });
}

void LogFollower::poll() {
  for (std::size_t log = 0; log < logs_.size(); ++log) {
    watch_directory(log);
    check(log);
    mark_unread(log);
  }
  schedule_turn(Duration(0));
}

void LogFollower::drain(std::string_view service, Duration limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (std::size_t log = 0; log < logs_.size(); ++log) {
    if (logs_[log].service != service || callbacks_.busy()) continue;
    while (read(log, kTurnBytes) >= kTurnBytes && std::chrono::steady_clock::now() < deadline) {
    }
    sources_[log].flush(Time{INT64_MAX}, sink(log));
  }
}

void LogFollower::flush_all() {
  for (std::size_t log = 0; log < logs_.size(); ++log) sources_[log].flush(Time{INT64_MAX}, sink(log));
}

std::vector<FilePosition> LogFollower::first_positions() const {
  std::vector<FilePosition> result;
  for (const LogSource& source : sources_)
    for (FilePosition& position : source.positions()) result.push_back(std::move(position));
  return result;
}

std::vector<FilePosition> LogFollower::take_positions() {
  std::vector<FilePosition> result;
  for (std::size_t log = 0; log < logs_.size(); ++log) {
    if (!moved_[log]) continue;
    moved_[log] = false;
    std::ranges::move(sources_[log].take_positions(), std::back_inserter(result));
  }
  return result;
}

}  // namespace sentinella::agent
