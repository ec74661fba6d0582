#include "agent/spool/spool.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/hash.h"

namespace sentinella::agent {
namespace {

/// Enough for the positions of thousands of logs.
constexpr off_t kReserveBytes = 256 << 10;
/// Heads of a record and of a segment that it may begin.
constexpr std::size_t kOverhead = 64;
/// A part of the whole that can be forgotten alone.
constexpr std::uint64_t kSegmentsAtLeast = 8;

struct CleanMark {
  std::uint64_t epoch = 0;
  std::uint64_t next_logs = 1;
  std::uint64_t next_metrics = 1;
};

std::string encode(const CleanMark& mark) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.fixed(mark.epoch);
  writer.fixed(mark.next_logs);
  writer.fixed(mark.next_metrics);
  writer.fixed(crc32c(bytes));
  return bytes;
}

std::optional<CleanMark> decode(std::string_view bytes) {
  ByteReader reader(bytes);
  CleanMark mark;
  mark.epoch = reader.fixed<std::uint64_t>();
  mark.next_logs = reader.fixed<std::uint64_t>();
  mark.next_metrics = reader.fixed<std::uint64_t>();
  const auto checksum = reader.fixed<std::uint32_t>();
  if (!reader.ok() || !reader.at_end() || checksum != crc32c(bytes.substr(0, 24))) return std::nullopt;
  return mark;
}

std::uint64_t random_epoch() {
  const std::string bytes = random_bytes(8);
  // Never 0, which means none.
  return ByteReader(bytes).fixed<std::uint64_t>() | 1;
}

}  // namespace

Spool::Spool(std::filesystem::path directory, SpoolOptions options,
             std::function<Result<void>()> before_forgetting, FileDescriptor lock, SpoolQueue logs,
             SpoolQueue metrics)
    : directory_(std::move(directory)),
      options_{options.max_bytes, std::min(options.segment_bytes, options.max_bytes / kSegmentsAtLeast)},
      before_forgetting_(std::move(before_forgetting)),
      lock_(std::move(lock)),
      logs_(std::move(logs)),
      metrics_(std::move(metrics)) {}

Result<std::unique_ptr<Spool>> Spool::open(const std::filesystem::path& directory, SpoolOptions options,
                                           std::function<Result<void>()> before_forgetting) {
  SENT_TRY(make_directories(directory, 0700));
  SENT_TRY_ASSIGN(FileDescriptor lock, open_file(directory / "lock", O_RDWR | O_CREAT, 0600));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(Errc::kConflict, "{} is in use by another agent", directory.string());
  SENT_TRY_ASSIGN(SpoolQueue logs, SpoolQueue::open(directory, "logs"));
  SENT_TRY_ASSIGN(SpoolQueue metrics, SpoolQueue::open(directory, "metrics"));
  std::unique_ptr<Spool> spool(new Spool(directory, options, std::move(before_forgetting), std::move(lock),
                                         std::move(logs), std::move(metrics)));
  SENT_TRY(spool->choose_epoch());
  return spool;
}

Result<void> Spool::choose_epoch() {
  const auto path = directory_ / "epoch.clean";
  CleanMark mark{.epoch = random_epoch()};
  if (const auto bytes = read_file(path, 1024))
    if (const auto clean = decode(*bytes)) mark = *clean;
  // Gone before anything is written, so that a crash from here on is seen.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return fail_errno(errno, fmt::format("cannot remove {}", path.string()));
  SENT_TRY(sync_directory(directory_));
  epoch_ = mark.epoch;
  Lock lock(mutex_);
  hold_reserve();
  // On a full disk the reserve is for beginning at all: there is much else to watch.
  if (!logs_.begin_epoch(mark.epoch, mark.next_logs)) {
    ::unlink((directory_ / "reserve").c_str());
    reserved_ = false;
    SENT_TRY(logs_.begin_epoch(mark.epoch, mark.next_logs));
  }
  return metrics_.begin_epoch(mark.epoch, mark.next_metrics);
}

Result<void> Spool::append(SignalKind signal, std::string_view body, std::string_view note, bool durable) {
  Lock lock(mutex_);
  if (!make_room(body.size() + note.size() + kOverhead))
    return fail(Errc::kNoSpace, "the spool of {} bytes is full", options_.max_bytes);
  return queue(signal).append(note, body, options_.segment_bytes, durable);
}

bool Spool::fits(std::size_t bytes) const {
  return logs_.bytes() + metrics_.bytes() + bytes <= options_.max_bytes;
}

bool Spool::make_room(std::size_t bytes) {
  if (fits(bytes)) return true;
  if (bytes > options_.max_bytes) return false;
  for (SpoolQueue* from : {&metrics_, &logs_})
    if (from->end_acknowledged_segment()) forget(*from);
  while (!fits(bytes))
    if (!metrics_.drop_oldest_segment(statistics_.dropped_metrics) &&
        !logs_.drop_oldest_segment(statistics_.dropped_logs))
      return false;
  return true;
}

void Spool::forget(SpoolQueue& from) {
  from.forget_acknowledged([this]() -> Result<void> {
    if (auto ready = before_forgetting_(); ready || !reserved_) return ready;
    ::unlink((directory_ / "reserve").c_str());
    reserved_ = false;
    return before_forgetting_();
  });
  hold_reserve();
}

void Spool::hold_reserve() {
  if (reserved_) return;
  const auto file = open_file(directory_ / "reserve", O_WRONLY | O_CREAT, 0600);
  reserved_ = file && ::posix_fallocate(file->get(), 0, kReserveBytes) == 0;
  if (file && !reserved_) ::unlink((directory_ / "reserve").c_str());
}

std::optional<SpoolItem> Spool::front(SignalKind signal) {
  Lock lock(mutex_);
  SpoolQueue& from = queue(signal);
  auto record = from.front();
  if (!record) return std::nullopt;
  return SpoolItem{signal, from.front_epoch(), record->sequence, std::move(record->body),
                   std::move(record->note)};
}

void Spool::acknowledge(const SpoolItem& item) {
  Lock lock(mutex_);
  SpoolQueue& from = queue(item.signal);
  const auto record = from.front();
  if (!record || record->sequence != item.sequence || from.front_epoch() != item.epoch) return;
  from.acknowledge_front();
  forget(from);
}

bool Spool::nearly_full() const {
  Lock lock(mutex_);
  return logs_.bytes() > options_.max_bytes / 10 * 8;
}

SpoolStatistics Spool::statistics() const {
  Lock lock(mutex_);
  SpoolStatistics statistics = statistics_;
  statistics.bytes = logs_.bytes() + metrics_.bytes();
  statistics.waiting_logs = logs_.waiting();
  statistics.waiting_metrics = metrics_.waiting();
  return statistics;
}

std::vector<SpoolNote> Spool::notes() const {
  Lock lock(mutex_);
  return logs_.notes();
}

Result<void> Spool::close() {
  Lock lock(mutex_);
  SENT_TRY(logs_.sync());
  SENT_TRY(metrics_.sync());
  const CleanMark mark{epoch_, logs_.next_sequence(), metrics_.next_sequence()};
  return write_file_atomic(directory_ / "epoch.clean", encode(mark), 0600);
}

}  // namespace sentinella::agent
