#include "agent/tail/log_source.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxRotated = 8;   // read to their end, and perhaps still written to
constexpr std::size_t kMaxWaiting = 64;  // not read to their end: each holds a descriptor
constexpr std::size_t kRemembered = 16;
/// Packed files that were last written to longer ago are taken as read.
constexpr Duration kLongestWait = std::chrono::hours(48);
/// A program goes on writing to the old file until it opens the new one.
constexpr Duration kDrainTime = 30s;

}  // namespace

void LogSource::start(const PositionTable& table, Time now) {
  unopened_ = table.of(path_);
  saved_ = table.saved();
  first_sight_ = !table.is_known(path_);
  open_packed(open_rotated(now), now);
  open_path(now);
}

bool LogSource::holds(std::uint64_t device, std::uint64_t inode) const {
  return std::ranges::any_of(open_, [&](const OpenLog& log) {
    return log.identity().device == device && log.identity().inode == inode;
  });
}

/// Before the file at the path, which is younger.
void LogSource::open_rest(FileDescriptor file, const FileIdentity& identity, std::uint64_t offset, Time now) {
  open_.emplace(at_path_ ? std::prev(open_.end()) : open_.end(), std::move(file), identity, offset, now);
}

bool LogSource::is_known(std::uint64_t device, std::uint64_t inode) const {
  return std::ranges::any_of(unopened_, [&](const FilePosition& position) {
    return position.file.device == device && position.file.inode == inode;
  });
}

void LogSource::resume(const RotatedFile& rotated, Time now) {
  const auto known = std::ranges::find_if(unopened_, [&](const FilePosition& position) {
    return position.file.device == rotated.device && position.file.inode == rotated.inode;
  });
  if (known == unopened_.end()) return;
  auto file = open_file(rotated.path, O_RDONLY | O_NONBLOCK);
  if (!file) return;
  const auto identity = identify(file->get());
  const auto same = head_matches(file->get(), known->file);
  if (!identity || !same || !identity->same_inode(known->file)) return;
  const FilePosition position = *known;
  // Where the head differs the inode has come to be another file's.
  if (*same && size_of(file->get()).value_or(0) <= position.offset) return;
  unopened_.erase(known);
  if (*same) open_rest(std::move(*file), *identity, position.offset, now);
}

std::optional<LogSource::Copy> LogSource::open_copy(const FilePosition& emptied,
                                                    const std::vector<RotatedFile>& files, Time now) {
  if (emptied.file.head_size < kTellingHead) return std::nullopt;
  for (const RotatedFile& candidate : files) {
    if (!candidate.by_rotation || holds(candidate.device, candidate.inode)) continue;
    auto file = open_file(candidate.path, O_RDONLY | O_NONBLOCK);
    if (!file || !head_matches(file->get(), emptied.file).value_or(false)) continue;
    const auto identity = identify(file->get());
    if (!identity || identity->same_inode(emptied.file)) continue;
    // Some of the copy may have been read before the position of the emptied file was taken again.
    std::uint64_t offset = emptied.offset;
    for (const FilePosition& position : unopened_)
      if (position.file.same_inode(*identity)) offset = std::max(offset, position.offset);
    const bool unread = candidate.size > offset;
    if (unread) open_rest(std::move(*file), *identity, offset, now);
    return Copy{candidate.written, unread};
  }
  return std::nullopt;
}

/// When the youngest file that we know, one held at the path apart, was last written to.
std::optional<Time> LogSource::newest_known(const std::vector<RotatedFile>& files) const {
  std::optional<Time> newest;
  for (auto log = open_.begin(); log != open_.end(); ++log)
    if (!at_path_ || std::next(log) != open_.end()) newest = std::max(newest, log->written());
  for (const RotatedFile& file : files)
    if (is_known(file.device, file.inode)) newest = std::max(newest, std::optional(file.written));
  struct stat status{};
  if (::stat(path_.c_str(), &status) != 0) return newest;
  const auto at_path = std::ranges::find_if(unopened_, [&](const FilePosition& position) {
    return position.file.device == status.st_dev && position.file.inode == status.st_ino;
  });
  if (at_path == unopened_.end()) return newest;
  // One that was empty when it was last looked at may have been filled, copied and emptied since.
  if (at_path->file.head_size >= kTellingHead) return std::max(newest, std::optional(written_at(status)));
  // Older agents did not note that file's time.
  return std::max(newest, at_path->file.written > Time{} ? std::optional(at_path->file.written) : saved_);
}

void LogSource::open_younger(const std::vector<RotatedFile>& files, Time than, Time now) {
  const FileDescriptor at_path(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  for (const RotatedFile& rotated : files) {
    if (!rotated.by_rotation || rotated.written <= than || holds(rotated.device, rotated.inode)) continue;
    if (is_known(rotated.device, rotated.inode)) continue;
    auto file = open_file(rotated.path, O_RDONLY | O_NONBLOCK);
    // A copy of what is at the path: when that is emptied its rest is read there.
    if (!file || (at_path && is_beginning_of(file->get(), at_path.get()))) continue;
    if (const auto identity = identify(file->get())) open_rest(std::move(*file), *identity, 0, now);
  }
}

std::optional<Time> LogSource::open_rotated(Time now) {
  if (open_.empty() && unopened_.empty()) return std::nullopt;
  const std::vector<RotatedFile> files = rotated_files(path_);
  std::optional<Time> known_until;
  const FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat there{};
  if (file && ::fstat(file.get(), &there) == 0)
    std::erase_if(unopened_, [&](const FilePosition& position) {
      const bool is_this = position.file.device == there.st_dev && position.file.inode == there.st_ino;
      if (!is_this || head_matches(file.get(), position.file).value_or(true)) return false;
      const auto copy = open_copy(position, files, now);
      if (copy) known_until = std::max(known_until, std::optional(copy->written));
      return copy.has_value();
    });
  known_until = std::max(known_until, newest_known(files));
  for (const RotatedFile& rotated : files)
    if (!holds(rotated.device, rotated.inode)) resume(rotated, now);
  if (known_until) open_younger(files, *known_until, now);
  return known_until;
}

/// The positions of files that are nowhere any more, as far as their names tell.
std::vector<FilePosition> LogSource::vanished(const std::vector<RotatedFile>& files) const {
  std::vector<FilePosition> gone = unopened_;
  const FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat there{};
  const bool exists = file && ::fstat(file.get(), &there) == 0;
  std::erase_if(gone, [&](const FilePosition& position) {
    const bool at_path =
        exists && position.file.device == there.st_dev && position.file.inode == there.st_ino;
    // One that was copied and emptied begins otherwise now.
    if (at_path) return head_matches(file.get(), position.file).value_or(true);
    return std::ranges::any_of(files, [&](const RotatedFile& rotated) {
      return position.file.device == rotated.device && position.file.inode == rotated.inode;
    });
  });
  return gone;
}

/// What was rotated away and compressed since it was read; only while nobody looked can that happen unseen.
void LogSource::open_packed(std::optional<Time> known_until, Time now) {
  const std::vector<RotatedFile> files = rotated_files(path_);
  const std::vector<FilePosition> gone = vanished(files);
  if (gone.empty()) return;
  std::list<OpenLog> packed_logs;
  for (const RotatedFile& rotated : packed_rotations(path_)) {
    if (saved_ && *saved_ - rotated.written > kLongestWait) continue;
    auto packed = PackedLog::open(rotated.path);
    if (!packed) continue;
    std::optional<std::uint64_t> read_to;
    for (const FilePosition& position : gone)
      if ((*packed)->begins_as(position.file)) read_to = std::max(read_to, std::optional(position.offset));
    if (read_to) known_until = std::max(known_until, std::optional(rotated.written));
    const bool younger = known_until && rotated.written > *known_until;
    const bool was_read = read_to && gzip_text_size(rotated.path) == read_to;
    if ((read_to && !was_read) || younger)
      packed_logs.emplace_back(std::move(*packed), read_to.value_or(0), now);
  }
  // Rotations pack the older ones.
  open_.splice(open_.begin(), packed_logs);
  if (known_until) open_younger(files, *known_until, now);
}

/// A log that was copied and emptied goes on in the copy, as far as it had not been read.
void LogSource::restart_emptied(Time now, const Sink& sink) {
  for (auto log = open_.begin(); log != open_.end(); ++log) {
    const FilePosition before{path_, log->identity(), log->safe_offset()};
    if (!log->emptied()) continue;
    const std::vector<RotatedFile> files = rotated_files(path_);
    const auto copy = open_copy(before, files, now);
    if (copy) open_younger(files, copy->written, now);
    log->restart(copy && copy->opened, sink);
  }
}

std::optional<std::uint64_t> LogSource::take_unopened(int fd, const FileIdentity& identity) {
  const auto found = std::ranges::find_if(
      unopened_, [&](const FilePosition& position) { return position.file.same_inode(identity); });
  if (found == unopened_.end()) return std::nullopt;
  const FilePosition position = std::move(*found);
  unopened_.erase(found);
  const bool goes_on =
      head_matches(fd, position.file).value_or(false) && size_of(fd).value_or(0) >= position.offset;
  return goes_on ? std::optional(position.offset) : std::nullopt;
}

void LogSource::open_path(Time now) {
  const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  const int error = errno;
  exists_ = fd >= 0 || error != ENOENT;
  if (!exists_) first_sight_ = false;
  if (fd < 0) {
    problem_ = explain_unreadable(path_, error);
    return;
  }
  FileDescriptor file(fd);
  struct stat status{};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    problem_ = fmt::format("{} is not a regular file", path_);
    return;
  }
  const auto identity = identify(fd);
  if (!identity) {
    problem_ = describe(identity.error());
    return;
  }
  LastLines history;
  if (const auto offset = take_unopened(fd, *identity))
    history.begin = *offset;
  else if (first_sight_)
    history = last_lines(fd);
  open_.emplace_back(std::move(file), *identity, history.begin, now, history.end);
  at_path_ = true;
  first_sight_ = false;
  problem_.clear();
}

void LogSource::leave_path(Time now) {
  if (at_path_) open_.back().left_path(now);
  at_path_ = false;
}

bool LogSource::hold_at_path(const FileIdentity& there, Time now) {
  const auto held =
      std::ranges::find_if(open_, [&](const OpenLog& log) { return log.identity().same_inode(there); });
  if (at_path_ && held == std::prev(open_.end())) return true;
  leave_path(now);
  if (held == open_.end()) return false;
  open_.splice(open_.end(), open_, held);
  at_path_ = exists_ = true;
  return true;
}

void LogSource::check(Time now, const Sink& sink) {
  restart_emptied(now, sink);
  struct stat status{};
  const int error = ::stat(path_.c_str(), &status) == 0 ? 0 : errno;
  if (error == ENOENT) {
    leave_path(now);
    exists_ = first_sight_ = false;
    problem_ = explain_unreadable(path_, ENOENT);
  } else if (error != 0) {
    // Nobody knows what is at the path: what was there counts as there.
    problem_ = explain_unreadable(path_, error);
    exists_ = true;
  } else if (const FileIdentity there{.device = status.st_dev, .inode = status.st_ino};
             !hold_at_path(there, now)) {
    open_rotated(now);
    open_path(now);
    // Rotated again between the two looks.
    if (at_path_ && !open_.back().identity().same_inode(there)) open_rotated(now);
  } else if (::access(path_.c_str(), R_OK) != 0) {
    // A file that we hold open may have been made unreadable: the next rotation would stop us.
    problem_ = explain_unreadable(path_, errno);
  } else {
    problem_.clear();
  }
  close_drained(now, sink);
}

void LogSource::close_drained(Time now, const Sink& sink) {
  const auto keep = at_path_ ? std::prev(open_.end()) : open_.end();
  for (auto log = open_.begin(); log != keep;) {
    const auto younger = static_cast<std::size_t>(std::distance(log, keep));
    const std::uint64_t unread = log->unread_bytes();
    const bool may_grow = younger <= kMaxRotated && now - log->last_growth() < kDrainTime;
    if (unread > 0 ? younger <= kMaxWaiting : may_grow) {
      ++log;
      continue;
    }
    if (unread > 0)
      log::warning("agent.tail", "{} was rotated more than {} times and not read: {} bytes are lost", path_,
                   kMaxWaiting, unread);
    log->finish(now, sink);
    ended_.push_back({path_, log->identity(), log->safe_offset()});
    remember(*log);
    log = open_.erase(log);
  }
}

/// A file that was away for long may come back to the path (a directory mounted again).
void LogSource::remember(const OpenLog& log) {
  std::erase_if(unopened_, [&](const FilePosition& p) { return p.file.same_inode(log.identity()); });
  struct stat status{};
  if (::fstat(log.fd(), &status) != 0 || status.st_nlink == 0) return;
  if (unopened_.size() == kRemembered) unopened_.erase(unopened_.begin());
  unopened_.push_back({path_, log.identity(), log.safe_offset()});
}

std::size_t LogSource::read(std::size_t max_bytes, Time now, const Sink& sink) {
  restart_emptied(now, sink);
  std::size_t total = 0;
  for (OpenLog& log : open_)
    if (total < max_bytes) total += log.read(max_bytes - total, now, sink);
  return total;
}

void LogSource::flush(Time older_than, const Sink& sink) {
  for (OpenLog& log : open_) log.flush(older_than, sink);
}

bool LogSource::has_open_record() const {
  return std::ranges::any_of(open_, [](const OpenLog& log) { return log.has_open_record(); });
}

std::vector<FilePosition> LogSource::positions() const {
  std::vector<FilePosition> result;
  bool others_first = false;
  for (const OpenLog& log : open_) {
    // Those not begun are found again: they are younger than the one that is being read.
    if (!others_first || !log.untouched()) result.push_back({path_, log.identity(), log.safe_offset()});
    others_first = others_first || log.unread_bytes() > 0;
  }
  return result;
}

std::vector<FilePosition> LogSource::take_positions() {
  std::vector<FilePosition> result = std::exchange(ended_, {});
  std::ranges::move(positions(), std::back_inserter(result));
  return result;
}

std::uint64_t LogSource::unread_bytes() const {
  std::uint64_t bytes = 0;
  for (const OpenLog& log : open_) bytes += log.unread_bytes();
  return bytes;
}

}  // namespace sentinella::agent
