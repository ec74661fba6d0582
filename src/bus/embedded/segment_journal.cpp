#include "bus/embedded/segment_journal.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <future>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file_copy.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/text.h"
#include "bus/embedded/segment_format.h"

namespace sentinella::bus {
namespace {

constexpr std::string_view kComponent = "bus.journal";
constexpr std::size_t kMaxCommitBytes = 8u << 20;

struct Segment {
  Offset first = 0;
  std::filesystem::path path;
  std::uint64_t bytes = 0;
};

struct Pending {
  std::string record;
  Journal::Appended appended;
};

std::uint32_t random_salt() {
  const std::string bytes = random_bytes(4);
  std::uint32_t salt;
  std::memcpy(&salt, bytes.data(), sizeof(salt));
  return salt;
}

std::filesystem::path segment_path(const std::filesystem::path& directory, Offset first) {
  return directory / fmt::format("{:020}.seg", first);
}

/// Ascending. Other files are left alone.
Result<std::vector<Segment>> list_segments(const std::filesystem::path& directory) {
  std::vector<Segment> segments;
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() != ".seg") continue;
    const auto first = parse_uint(at->path().stem().string());
    if (!first) return fail(Errc::kCorrupt, "{} is not named as a journal segment", at->path().string());
    segments.push_back({*first, at->path(), at->file_size(error)});
  }
  if (error) return fail(Errc::kIo, "cannot list {}: {}", directory.string(), error.message());
  std::ranges::sort(segments, {}, &Segment::first);
  return segments;
}

/// A crash while a segment was being made leaves a short file, or one whose bytes never reached the disk.
Result<bool> was_never_begun(const Segment& segment) {
  if (segment.bytes < kSegmentHeaderBytes) return true;
  if (segment.bytes > kSegmentHeaderBytes) return false;
  SENT_TRY_ASSIGN(const std::string bytes, read_file(segment.path));
  return bytes.find_first_not_of('\0') == std::string::npos;
}

class SegmentJournal final : public Journal {
 public:
  explicit SegmentJournal(SegmentJournalOptions options) : options_(std::move(options)) {
    // truncate_before() frees whole segments only: there must be some.
    options_.segment_bytes = std::min(options_.segment_bytes, options_.max_bytes / 4);
  }

  ~SegmentJournal() override {
    {
      const Lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (writer_.joinable()) writer_.join();
  }

  Result<void> open() {
    SENT_TRY(make_directories(options_.directory, 0750));
    SENT_TRY_ASSIGN(lock_, lock_journal(options_.directory));
    SENT_TRY_ASSIGN(auto found, list_segments(options_.directory));
    while (!found.empty()) {
      SENT_TRY_ASSIGN(const bool unused, was_never_begun(found.back()));
      if (!unused) break;
      if (::unlink(found.back().path.c_str()) != 0)
        return fail_errno(errno, fmt::format("cannot remove {}", found.back().path.string()));
      found.pop_back();
    }
    {
      const Lock lock(mutex_);
      segments_.assign(found.begin(), found.end());
    }
    SENT_TRY(found.empty() ? begin_segment(1) : resume_segment(found.back()));
    writer_ = std::thread([this] { write_loop(); });
    return {};
  }

  void append(std::string record, Appended appended) override {
    if (record.empty()) return appended(fail(Errc::kInvalid, "a journal record has no bytes"));
    enqueue(std::move(record), std::move(appended));
  }

  Result<void> sync() override {
    const Lock lock(mutex_);
    const Offset wanted = last_;
    sync_wanted_ = synced_ < wanted;
    wake_.notify_all();
    while (synced_ < wanted && !failed_ && !stopping_) synced_changed_.wait(mutex_);
    if (failed_) return std::unexpected(*failed_);
    return {};
  }

  /// With records that have no payload, which no reader is shown.
  Result<void> skip_to(Offset offset) override {
    Result<void> done;
    for (Offset at = last() + 1; at <= offset && done; ++at) {
      std::promise<Result<Offset>> appended;
      enqueue({}, [&](Result<Offset> result) { appended.set_value(std::move(result)); });
      if (auto result = appended.get_future().get(); !result) done = std::unexpected(result.error());
    }
    return done;
  }

  Result<void> read(Offset from, const Visitor& visit) const override {
    std::vector<Segment> segments;
    Offset last;
    {
      const Lock lock(mutex_);
      segments.assign(segments_.begin(), segments_.end());
      last = last_;
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const Offset end = i + 1 < segments.size() ? segments[i + 1].first : last + 1;
      if (end <= from || end == segments[i].first) continue;
      SENT_TRY_ASSIGN(const bool more, read_segment(segments[i], from, end, visit));
      if (!more) break;
    }
    return {};
  }

  Offset first() const override {
    const Lock lock(mutex_);
    return segments_.front().first;
  }

  Offset last() const override {
    const Lock lock(mutex_);
    return last_;
  }

  void truncate_before(Offset offset) override {
    for (;;) {
      std::filesystem::path oldest;
      {
        const Lock lock(mutex_);
        if (segments_.size() < 2 || segments_[1].first > offset) return;
        oldest = segments_.front().path;
        segments_.pop_front();
      }
      if (::unlink(oldest.c_str()) != 0) log::warning(kComponent, "cannot remove {}", oldest.string());
      // In order on disk too: a hole left by a crash would read as damage.
      if (const auto synced = sync_directory(options_.directory); !synced)
        log::warning(kComponent, "{}", describe(synced.error()));
    }
  }

  std::uint64_t size_bytes() const override {
    const Lock lock(mutex_);
    std::uint64_t bytes = 0;
    for (const Segment& segment : segments_) bytes += segment.bytes;
    return bytes;
  }

  Result<Offset> copy_to(const std::filesystem::path& directory) const override {
    SENT_TRY(make_directories(directory, 0750));
    std::vector<Segment> segments;
    Offset newest;
    {
      const Lock lock(mutex_);
      segments.assign(segments_.begin(), segments_.end());
      newest = last_;
    }
    // The last one is still being written: what comes after the records that were answered may be torn.
    const Segment active = segments.back();
    segments.pop_back();
    for (const Segment& whole : segments)
      SENT_TRY(link_or_copy(whole.path, directory / whole.path.filename()));
    SENT_TRY(copy_durably(active.path, directory / active.path.filename(), active.bytes));
    SENT_TRY(sync_directory(directory));
    return newest;
  }

 private:
  void enqueue(std::string record, Appended appended) {
    std::optional<Error> refusal;
    {
      const Lock lock(mutex_);
      if (failed_) {
        refusal = failed_;
      } else if (record.size() > kMaxRecordBytes) {
        refusal =
            Error{Errc::kTooLarge,
                  fmt::format("a journal record of {} bytes is over {}", record.size(), kMaxRecordBytes),
                  {}};
      } else if (queued_bytes_ + record.size() > options_.max_queued_bytes && !queue_.empty()) {
        refusal = Error{Errc::kUnavailable,
                        fmt::format("{} bytes already wait for the journal's disk", queued_bytes_),
                        {}};
      } else {
        queued_bytes_ += record.size();
        queue_.push_back({std::move(record), std::move(appended)});
        if (writing_) return;
        writing_ = puts_off_syncs() && !segment_is_full();
        if (!writing_) return wake_writer();
      }
    }
    // NOLINTNEXTLINE(bugprone-use-after-move): what is refused was not queued
    if (refusal) return appended(std::unexpected(std::move(*refusal)));
    write_queued();
  }

  bool puts_off_syncs() const { return options_.sync_interval > 0ns; }
  bool segment_is_full() const SENT_REQUIRES(mutex_) {
    return segments_.back().bytes >= options_.segment_bytes;
  }
  void wake_writer() SENT_REQUIRES(mutex_) {
    if (std::exchange(idle_, false)) wake_.notify_one();
  }

  /// By whoever appends when nobody else writes: handing a record to the kernel costs less than a change of
  /// threads. A new segment waits for the disk: that is left to the writer.
  void write_queued() {
    for (;;) {
      {
        const Lock lock(mutex_);
        if (!segment_is_full()) take_group();
        if (group_.empty()) {
          writing_ = false;
          if (!queue_.empty()) wake_writer();
          return;
        }
      }
      commit();
    }
  }

  /// False when the visitor has had enough, or the segment was deleted meanwhile.
  Result<bool> read_segment(const Segment& segment, Offset from, Offset end, const Visitor& visit) const {
    auto reader = SegmentReader::open(segment.path);
    if (!reader && reader.error().code == Errc::kNotFound && first() > segment.first) return true;
    if (!reader) return std::unexpected(reader.error());
    if (reader->header().first != segment.first)
      return fail(Errc::kCorrupt, "{} begins with record {}", segment.path.string(), reader->header().first);
    while (reader->expected() < end) {
      SENT_TRY_ASSIGN(const auto record, reader->next());
      if (!record)
        return fail(Errc::kCorrupt, "{} at byte {}: record {} is damaged or missing", segment.path.string(),
                    reader->position(), reader->expected());
      const bool skipped = record->payload.empty();
      if (record->offset >= from && !skipped && !visit(record->offset, record->payload)) return false;
    }
    return true;
  }

  /// Opens the newest segment for more, cutting what a crash left half written.
  Result<void> resume_segment(const Segment& segment) {
    SENT_TRY_ASSIGN(auto reader, SegmentReader::open(segment.path));
    if (reader.header().first != segment.first)
      return fail(Errc::kCorrupt, "{} begins with record {}", segment.path.string(), reader.header().first);
    for (;;) {
      SENT_TRY_ASSIGN(const auto record, reader.next());
      if (!record) break;
    }
    const std::uint64_t end = reader.position();
    SENT_TRY_ASSIGN(active_, open_file(segment.path, O_WRONLY | O_APPEND));
    if (end < reader.file_bytes()) {
      SENT_TRY_ASSIGN(const bool was_durable, reader.broken_record_was_durable());
      if (was_durable)
        return fail(Errc::kCorrupt,
                    "{} at byte {}: record {} is damaged, and later ones follow: restore a backup",
                    segment.path.string(), end, reader.expected());
      log::warning(kComponent, "{}: cut {} bytes of an unfinished write at byte {}", segment.path.string(),
                   reader.file_bytes() - end, end);
      if (::ftruncate(active_.get(), static_cast<off_t>(end)) != 0 || ::fdatasync(active_.get()) != 0)
        return fail_errno(errno, fmt::format("cannot cut {} to {} bytes", segment.path.string(), end));
    }
    salt_ = reader.header().salt;
    const Lock lock(mutex_);
    segments_.back().bytes = end;
    last_ = synced_ = reader.expected() - 1;
    return {};
  }

  Result<void> begin_segment(Offset first) {
    const auto path = segment_path(options_.directory, first);
    const std::uint32_t salt = random_salt();
    SENT_TRY_ASSIGN(FileDescriptor file, open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0640));
    auto written = write_all(file.get(), encode_segment_header({first, salt}), path);
    if (written && ::fdatasync(file.get()) != 0)
      written = fail_errno(errno, fmt::format("cannot sync {}", path.string()));
    if (written) written = sync_directory(options_.directory);
    if (!written) {
      ::unlink(path.c_str());
      return written;
    }
    active_ = std::move(file);
    salt_ = salt;
    const Lock lock(mutex_);
    segments_.push_back({first, path, kSegmentHeaderBytes});
    last_ = synced_ = first - 1;
    return {};
  }

  void write_loop() {
    for (;;) {
      if (collect()) {
        commit();
        const Lock lock(mutex_);
        writing_ = false;
      }
      if (sync_is_due()) sync_active();
      const Lock lock(mutex_);
      if (stopping_ && queue_.empty() && (synced_ == last_ || failed_)) return;
    }
  }

  bool sync_is_due() {
    const Lock lock(mutex_);
    return synced_ < last_ && !failed_ &&
           (sync_wanted_ || stopping_ || std::chrono::steady_clock::now() >= sync_due_);
  }

  void sync_active() {
    // The writer is the only one that makes last_ greater.
    const Offset reached = last();
    if (::fdatasync(active_.get()) != 0) {
      const int error = errno;
      give_up(fail_errno(error, fmt::format("cannot sync the journal in {}", options_.directory.string()))
                  .error());
    }
    {
      const Lock lock(mutex_);
      if (!failed_) synced_ = reached;
      sync_wanted_ = false;
      sync_due_ = std::chrono::steady_clock::now() + options_.sync_interval;
    }
    synced_changed_.notify_all();
  }

  /// Waits for work, then for company as long as it keeps coming. False: something else is to be done.
  bool collect() {
    const Lock lock(mutex_);
    const auto ready = [&] { return stopping_ || sync_wanted_ || (!queue_.empty() && !writing_); };
    idle_ = true;
    if (synced_ == last_ || failed_)
      wake_.wait(mutex_, [&] { return ready() || (synced_ < last_ && !failed_); });
    else
      wake_.wait_until(mutex_, sync_due_, ready);
    idle_ = false;
    if (queue_.empty() || writing_) return false;
    writing_ = true;
    const Duration step = puts_off_syncs() ? 0ns : options_.linger / 4;
    for (int i = 0; i < 4 && step > 0ns && !stopping_; ++i) {
      const std::size_t waiting = queue_.size();
      wake_.wait_for(mutex_, step, [&] { return stopping_; });
      if (queue_.size() == waiting || queued_bytes_ >= kMaxCommitBytes) break;
    }
    take_group();
    return true;
  }

  void take_group() SENT_REQUIRES(mutex_) {
    std::size_t bytes = 0;
    while (!queue_.empty() && (group_.empty() || bytes + queue_.front().record.size() <= kMaxCommitBytes)) {
      bytes += queue_.front().record.size();
      group_.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    queued_bytes_ -= bytes;
  }

  void commit() {
    const std::size_t room = records_with_room(group_);
    const Offset next = last() + 1;
    Result<void> done;
    if (room > 0) done = write_durably(std::span(group_).first(room), next);
    for (std::size_t i = 0; i < group_.size(); ++i) {
      if (i < room && done) {
        group_[i].appended(next + i);
      } else if (i < room) {
        group_[i].appended(std::unexpected(done.error()));
      } else {
        group_[i].appended(fail(Errc::kNoSpace, "the journal in {} has reached its limit of {} bytes",
                                options_.directory.string(), options_.max_bytes));
      }
    }
    group_.clear();
  }

  std::size_t records_with_room(const std::vector<Pending>& group) const {
    std::uint64_t bytes = size_bytes();
    std::size_t count = 0;
    for (; count < group.size(); ++count) {
      bytes += kRecordHeaderBytes + group[count].record.size();
      if (bytes > options_.max_bytes) break;
    }
    return count;
  }

  Result<void> write_durably(std::span<const Pending> group, Offset next) {
    if (const Lock lock(mutex_); failed_) return std::unexpected(*failed_);
    std::uint64_t had = active_bytes();
    if (had >= options_.segment_bytes && had > kSegmentHeaderBytes) {
      if (synced() + 1 < next) sync_active();
      if (const Lock lock(mutex_); failed_) return std::unexpected(*failed_);
      if (auto begun = begin_segment(next); !begun)
        return begun.error().code == Errc::kNoSpace ? begun : give_up(begun.error());
      had = kSegmentHeaderBytes;
    }
    std::uint64_t bytes = 0;
    if (auto written = write_records(group, next, bytes); !written) {
      if (::ftruncate(active_.get(), static_cast<off_t>(had)) != 0 || written.error().code != Errc::kNoSpace)
        return give_up(written.error());
      return written;
    }
    const bool later = puts_off_syncs();
    // After a failed sync the kernel may have dropped the dirty pages: nothing written since can be trusted.
    if (!later && ::fdatasync(active_.get()) != 0)
      return give_up(
          fail_errno(errno, fmt::format("cannot sync the journal in {}", options_.directory.string()))
              .error());
    const Lock lock(mutex_);
    segments_.back().bytes = had + bytes;
    const bool clean = synced_ == last_;
    last_ = next + group.size() - 1;
    if (!later) {
      synced_ = last_;
    } else if (clean) {
      sync_due_ = std::chrono::steady_clock::now() + options_.sync_interval;
      wake_writer();
    }
    return {};
  }

  Result<void> write_records(std::span<const Pending> group, Offset next, std::uint64_t& bytes) {
    const Offset on_disk = synced();
    headers_.clear();
    headers_.reserve(group.size());
    parts_.clear();
    for (const Pending& pending : group) {
      headers_.push_back(encode_record_header(pending.record, next + headers_.size(), on_disk, salt_));
      parts_.push_back({headers_.back().data(), kRecordHeaderBytes});
      parts_.push_back({const_cast<char*>(pending.record.data()), pending.record.size()});
      bytes += kRecordHeaderBytes + pending.record.size();
    }
    for (std::span<iovec> rest(parts_); !rest.empty();) {
      const ssize_t n =
          ::writev(active_.get(), rest.data(), static_cast<int>(std::min<std::size_t>(rest.size(), IOV_MAX)));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0)
        return fail_errno(errno, fmt::format("cannot write {} bytes to the journal in {}", bytes,
                                             options_.directory.string()));
      rest = after(rest, static_cast<std::size_t>(n));
    }
    return {};
  }

  static std::span<iovec> after(std::span<iovec> parts, std::size_t written) {
    while (!parts.empty() && written >= parts.front().iov_len) {
      written -= parts.front().iov_len;
      parts = parts.subspan(1);
    }
    if (!parts.empty()) {
      parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + written;
      parts.front().iov_len -= written;
    }
    return parts;
  }

  std::unexpected<Error> give_up(const Error& cause) {
    log::line(log::Level::critical, kComponent, "{}; nothing is accepted until the server restarts",
              cause.message);
    const Lock lock(mutex_);
    failed_ = Error{Errc::kIo, fmt::format("the journal has failed: {}", cause.message), {}};
    return std::unexpected(*failed_);
  }

  Offset synced() const {
    const Lock lock(mutex_);
    return synced_;
  }

  std::uint64_t active_bytes() const {
    const Lock lock(mutex_);
    return segments_.back().bytes;
  }

  // Constant after open().
  SegmentJournalOptions options_;
  FileDescriptor lock_;
  std::thread writer_;

  // Of whoever has set writing_; only the writer's thread puts another file in the place of active_, and may
  // sync it while others write.
  FileDescriptor active_;
  std::uint32_t salt_ = 0;
  std::vector<Pending> group_;
  std::vector<std::array<char, kRecordHeaderBytes>> headers_;
  std::vector<iovec> parts_;

  mutable Mutex mutex_;
  CondVar wake_;
  std::deque<Pending> queue_ SENT_GUARDED_BY(mutex_);
  std::size_t queued_bytes_ SENT_GUARDED_BY(mutex_) = 0;
  bool writing_ SENT_GUARDED_BY(mutex_) = false;          // somebody writes, and will look at the queue again
  std::deque<Segment> segments_ SENT_GUARDED_BY(mutex_);  // never empty; the last one is being written
  Offset last_ SENT_GUARDED_BY(mutex_) = 0;
  Offset synced_ SENT_GUARDED_BY(mutex_) = 0;  // on disk; last_ unless syncing is put off
  std::chrono::steady_clock::time_point sync_due_ SENT_GUARDED_BY(mutex_);
  bool sync_wanted_ SENT_GUARDED_BY(mutex_) = false;
  CondVar synced_changed_;
  bool idle_ SENT_GUARDED_BY(mutex_) =
      false;  // the writer sleeps until it is woken; else it will look by itself
  std::optional<Error> failed_ SENT_GUARDED_BY(mutex_);
  bool stopping_ SENT_GUARDED_BY(mutex_) = false;
};

}  // namespace

/// Two servers on one journal would interleave offsets; the kernel drops the lock with the process.
Result<FileDescriptor> lock_journal(const std::filesystem::path& directory) {
  SENT_TRY_ASSIGN(FileDescriptor file, open_file(directory / "lock", O_RDWR | O_CREAT, 0600));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(Errc::kConflict,
                "the journal in {} is in use by another process: is a server running already?",
                directory.string());
  return file;
}

Result<std::unique_ptr<Journal>> open_segment_journal(SegmentJournalOptions options) {
  auto journal = std::make_unique<SegmentJournal>(std::move(options));
  SENT_TRY(journal->open());
  return journal;
}

}  // namespace sentinella::bus
