#include "agent/tail/open_log.h"

#include <algorithm>

#include <sys/stat.h>
#include <unistd.h>

namespace sentinella::agent {
namespace {

constexpr std::size_t kChunk = 64 << 10;
constexpr std::size_t kMaxLine = 1 << 20;
constexpr std::size_t kHistoryBytes = 32u << 10;

}  // namespace

std::optional<std::uint64_t> size_of(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

LastLines last_lines(int fd) {
  const std::uint64_t size = size_of(fd).value_or(0);
  std::string tail(std::min<std::uint64_t>(size, kHistoryBytes), '\0');
  const ssize_t n = ::pread(fd, tail.data(), tail.size(), static_cast<off_t>(size - tail.size()));
  if (n <= 0) return {size, size};
  tail.resize(static_cast<std::size_t>(n));
  const std::uint64_t base = size - tail.size();
  const std::size_t last = tail.rfind('\n');
  if (last == std::string::npos) return {size, size};
  const std::size_t first = base == 0 ? 0 : tail.find('\n') + 1;
  return {base + first, base + last + 1};
}

OpenLog::OpenLog(FileDescriptor file, FileIdentity identity, std::uint64_t offset, Time now,
                 std::uint64_t history_end)
    : file_(std::move(file)),
      identity_(identity),
      start_(offset),
      history_end_(history_end),
      offset_(offset),
      framer_(std::make_unique<codec::LogFramer>(kMaxLine)),
      last_growth_(now) {}

OpenLog::OpenLog(std::unique_ptr<PackedLog> packed, std::uint64_t offset, Time now)
    : OpenLog(FileDescriptor(), packed->identity(), offset, now) {
  packed->skip_to(offset);
  packed_ = std::move(packed);
}

/// Of one that is packed nobody knows how much: something, until it has ended.
std::uint64_t OpenLog::unread_bytes() const {
  if (packed_) return packed_->ended() ? 0 : 1;
  const std::uint64_t size = size_of(file_.get()).value_or(0);
  return size > offset_ ? size - offset_ : 0;
}

std::optional<Time> OpenLog::written() const {
  struct stat status{};
  if (::fstat(file_.get(), &status) != 0) return std::nullopt;
  return written_at(status);
}

OpenLog::Sink OpenLog::marking(const Sink& sink) const {
  return [&sink, end = history_end_](codec::FramedRecord record) {
    record.history = record.begin_offset < end;
    sink(std::move(record));
  };
}

bool OpenLog::emptied() {
  if (packed_) return false;
  const auto size = size_of(file_.get());
  const auto same_head = head_matches(file_.get(), identity_);
  if (!size || !same_head) return false;
  if (*size < offset_ || !*same_head) return true;
  // A short head does not tell much: it grows with the file.
  if (identity_.head_size < kHeadBytes)
    if (const auto identity = identify(file_.get())) identity_ = *identity;
  return false;
}

void OpenLog::restart(bool elsewhere, const Sink& sink) {
  if (!elsewhere) flush(Time{INT64_MAX}, sink);  // may ask for the position, which is the old text's
  if (const auto identity = identify(file_.get())) identity_ = *identity;
  framer_ = std::make_unique<codec::LogFramer>(kMaxLine);
  history_end_ = 0;
  partial_.clear();
  // A program that does not append goes on at its old place: the file then begins with a hole.
  const off_t data = ::lseek(file_.get(), 0, SEEK_DATA);
  start_ = offset_ = data > 0 ? static_cast<std::uint64_t>(data) : 0;
}

std::size_t OpenLog::read_packed(std::size_t max_bytes, Time now, const Sink& sink) {
  std::size_t total = 0;
  while (total < max_bytes) {
    const PackedLog::Piece piece = packed_->read(std::min(kChunk, max_bytes - total));
    if (piece.worked == 0) break;
    total += piece.worked;
    last_growth_ = now;
    split_lines(piece.text, now, sink);
  }
  return total;
}

std::size_t OpenLog::read(std::size_t max_bytes, Time now, const Sink& sink) {
  if (packed_) return read_packed(max_bytes, now, sink);
  std::size_t total = 0;
  std::string chunk;
  while (total < max_bytes) {
    chunk.resize(std::min(kChunk, max_bytes - total));
    const ssize_t n = ::pread(file_.get(), chunk.data(), chunk.size(), static_cast<off_t>(offset_));
    if (n <= 0) break;
    chunk.resize(static_cast<std::size_t>(n));
    total += chunk.size();
    last_growth_ = now;
    // It may have been empty when its head was taken; a position is worth little without one.
    if (offset_ == 0) set_head(identity_, chunk);
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

}  // namespace sentinella::agent
