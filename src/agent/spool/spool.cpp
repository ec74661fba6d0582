#include "agent/spool/spool.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/hash.h"

namespace sentinella::agent {
namespace {

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
      options_(options),
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
  SENT_TRY(logs_.begin_epoch(mark.epoch, mark.next_logs));
  return metrics_.begin_epoch(mark.epoch, mark.next_metrics);
}

Result<void> Spool::append(SignalKind signal, std::string_view body, std::string_view note, bool durable) {
  Lock lock(mutex_);
  make_room(body.size() + note.size());
  return queue(signal).append(note, body, options_.segment_bytes, durable);
}

void Spool::make_room(std::size_t bytes) {
  while (logs_.bytes() + metrics_.bytes() + bytes > options_.max_bytes)
    if (!metrics_.drop_oldest_segment(statistics_.dropped_metrics) &&
        !logs_.drop_oldest_segment(statistics_.dropped_logs))
      return;
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
  from.forget_acknowledged(before_forgetting_);
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
