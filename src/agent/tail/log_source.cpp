#include "agent/tail/log_source.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sentinella::agent {
namespace {

constexpr std::size_t kChunk = 64 << 10;
constexpr std::size_t kMaxLine = 1 << 20;
constexpr std::size_t kMaxRotated = 4;
constexpr std::size_t kRemembered = 8;
constexpr std::size_t kHistory = 32u << 10;
/// A program goes on writing to the old file until it opens the new one.
constexpr Duration kDrainTime = 30s;

/// nullopt: the system does not tell, which is not the same as empty.
std::optional<std::uint64_t> size_of(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

/// The last complete lines of a file, at most kHistory bytes.
struct LastLines {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

LastLines last_lines(int fd) {
  const std::uint64_t size = size_of(fd).value_or(0);
  std::string tail(std::min<std::uint64_t>(size, kHistory), '\0');
  const ssize_t n = ::pread(fd, tail.data(), tail.size(), static_cast<off_t>(size - tail.size()));
  if (n <= 0) return {size, size};
  tail.resize(static_cast<std::size_t>(n));
  const std::uint64_t base = size - tail.size();
  const std::size_t last = tail.rfind('\n');
  if (last == std::string::npos) return {size, size};
  const std::size_t first = base == 0 ? 0 : tail.find('\n') + 1;
  return {base + first, base + last + 1};
}

}  // namespace

OpenLog::OpenLog(FileDescriptor file, FileIdentity identity, std::uint64_t offset, Time now,
                 std::uint64_t history_end)
    : file_(std::move(file)),
      identity_(identity),
      start_(offset),
      history_end_(history_end),
      offset_(offset),
      framer_(std::make_unique<codec::LogFramer>(kMaxLine)),
      last_growth_(now) {}

std::uint64_t OpenLog::unread_bytes() const {
  const std::uint64_t size = size_of(file_.get()).value_or(0);
  return size > offset_ ? size - offset_ : 0;
}

OpenLog::Sink OpenLog::marking(const Sink& sink) const {
  return [&sink, end = history_end_](codec::FramedRecord record) {
    record.history = record.begin_offset < end;
    sink(std::move(record));
  };
}

void OpenLog::restart_if_emptied(const Sink& sink) {
  const auto size = size_of(file_.get());
  const auto same_head = head_matches(file_.get(), identity_);
  if (!size || !same_head) return;
  const bool emptied = *size < offset_ || !*same_head;
  if (!emptied && identity_.head_size == kHeadBytes) return;
  const auto identity = identify(file_.get());
  if (!identity) return;
  identity_ = *identity;
  if (!emptied) return;
  flush(Time{INT64_MAX}, sink);
  framer_ = std::make_unique<codec::LogFramer>(kMaxLine);
  history_end_ = 0;
  partial_.clear();
  // A program that does not append goes on at its old place: the file then begins with a hole.
  const off_t data = ::lseek(file_.get(), 0, SEEK_DATA);
  start_ = offset_ = data > 0 ? static_cast<std::uint64_t>(data) : 0;
}

std::size_t OpenLog::read(std::size_t max_bytes, Time now, const Sink& sink) {
  restart_if_emptied(sink);
  std::size_t total = 0;
  std::string chunk;
  while (total < max_bytes) {
    chunk.resize(std::min(kChunk, max_bytes - total));
    const ssize_t n = ::pread(file_.get(), chunk.data(), chunk.size(), static_cast<off_t>(offset_));
    if (n <= 0) break;
    chunk.resize(static_cast<std::size_t>(n));
    total += chunk.size();
    last_growth_ = now;
    split_lines(chunk, now, sink);
    if (chunk.size() < kChunk) break;
  }
  return total;
}

void OpenLog::split_lines(std::string_view text, Time now, const Sink& sink) {
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::size_t take = newline == std::string_view::npos ? text.size() : newline;
    partial_.append(text.substr(0, take));
    const bool complete = newline != std::string_view::npos;
    offset_ += take + (complete ? 1 : 0);
    text.remove_prefix(take + (complete ? 1 : 0));
    if (!complete && partial_.size() < kMaxLine) break;
    line(partial_, offset_, now, sink);
    partial_.clear();
  }
}

void OpenLog::line(std::string_view text, std::uint64_t end, Time now, const Sink& sink) {
  const std::uint64_t begin = end - std::min<std::uint64_t>(end, text.size() + 1);
  text.remove_prefix(std::min(text.find_first_not_of('\0'), text.size()));
  if (text.ends_with('\r')) text.remove_suffix(1);
  framer_->line(text, begin, end, now, marking(sink));
}

void OpenLog::finish(Time now, const Sink& sink) {
  if (!partial_.empty()) line(partial_, offset_, now, sink);
  partial_.clear();
  flush(Time{INT64_MAX}, sink);
}

void LogSource::start(const PositionTable& table, Time now) {
  unopened_ = table.of(path_);
  first_sight_ = !table.is_known(path_);
  resume_rotated(unopened_, now);
  open_path(now);
}

void LogSource::resume_rotated(const std::vector<FilePosition>& known, Time now) {
  const std::filesystem::path path(path_);
  for (const FilePosition& position : known) {
    std::error_code error;
    std::size_t looked_at = 0;
    for (std::filesystem::directory_iterator entry(path.parent_path(), error), end; !error && entry != end;
         entry.increment(error)) {
      if (++looked_at > 10'000) break;
      if (entry->path() == path || !entry->path().filename().string().starts_with(path.filename().string()))
        continue;
      auto file = open_file(entry->path(), O_RDONLY | O_NONBLOCK);
      if (!file) continue;
      const auto identity = identify(file->get());
      if (!identity || !identity->same_inode(position.file) ||
          !head_matches(file->get(), position.file).value_or(false))
        continue;
      if (size_of(file->get()).value_or(0) > position.offset)
        open_.emplace_back(std::move(*file), *identity, position.offset, now);
      break;
    }
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
  } else if (!hold_at_path({.device = status.st_dev, .inode = status.st_ino}, now)) {
    open_path(now);
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
    const bool too_many = static_cast<std::size_t>(std::distance(log, keep)) > kMaxRotated;
    if (!too_many && (log->unread_bytes() > 0 || now - log->last_growth() < kDrainTime)) {
      ++log;
      continue;
    }
    log->finish(now, sink);
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
  for (const OpenLog& log : open_) result.push_back({path_, log.identity(), log.safe_offset()});
  return result;
}

std::uint64_t LogSource::unread_bytes() const {
  std::uint64_t bytes = 0;
  for (const OpenLog& log : open_) bytes += log.unread_bytes();
  return bytes;
}

}  // namespace sentinella::agent
