#include "agent/spool/queue.h"

#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kAckedBytes = 20;  // u64 epoch, u64 sequence, u32 CRC-32C of both

/// Numbers of the segments in the directory, in order.
Result<std::vector<std::uint64_t>> segment_numbers(const std::filesystem::path& directory,
                                                   const std::string& name) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string file = entry->path().filename().string();
    if (!file.starts_with(name + "-") || !file.ends_with(".seg")) continue;
    if (const auto number =
            parse_uint(std::string_view(file).substr(name.size() + 1, file.size() - name.size() - 5)))
      numbers.push_back(*number);
  }
  if (error) return fail(Errc::kIo, "cannot list {}: {}", directory.string(), error.message());
  std::ranges::sort(numbers);
  return numbers;
}

std::filesystem::path segment_path(const std::filesystem::path& directory, const std::string& name,
                                   std::uint64_t number) {
  return directory / fmt::format("{}-{:08}.seg", name, number);
}

}  // namespace

Result<SpoolQueue> SpoolQueue::open(const std::filesystem::path& directory, std::string name) {
  SpoolQueue queue;
  queue.directory_ = directory;
  queue.name_ = std::move(name);
  SENT_TRY_ASSIGN(queue.acked_file_, open_file(directory / (queue.name_ + ".acked"), O_RDWR | O_CREAT, 0600));
  queue.load_acknowledged();
  SENT_TRY_ASSIGN(const auto numbers, segment_numbers(directory, queue.name_));
  for (std::uint64_t number : numbers) {
    const auto path = segment_path(directory, queue.name_, number);
    queue.next_number_ = number + 1;
    auto segment = Segment::open(path);
    if (!segment) {
      // Too many open files, say: what waits there is whole, and must not be passed over either.
      if (segment.error().code != Errc::kCorrupt) return std::unexpected(std::move(segment).error());
      log::error("agent.spool", "{}; put aside as .damaged", describe(segment.error()));
      std::error_code ignored;
      std::filesystem::rename(path, path.string() + ".damaged", ignored);
      continue;
    }
    queue.waiting_ += segment->records();
    queue.segments_.push_back(std::move(*segment));
  }
  queue.skip_acknowledged();
  return queue;
}

void SpoolQueue::load_acknowledged() {
  char bytes[kAckedBytes];
  if (::pread(acked_file_.get(), bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes)) return;
  ByteReader reader({bytes, sizeof bytes});
  const auto epoch = reader.fixed<std::uint64_t>(), sequence = reader.fixed<std::uint64_t>();
  if (reader.fixed<std::uint32_t>() != crc32c({bytes, 16})) return;
  acked_epoch_ = epoch;
  acked_sequence_ = sequence;
}

/// Not synced: a lost acknowledgement only sends a batch again, under the same identity.
void SpoolQueue::save_acknowledged(std::uint64_t epoch, std::uint64_t sequence) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.fixed(epoch);
  writer.fixed(sequence);
  writer.fixed(crc32c(bytes));
  acked_epoch_ = epoch;
  acked_sequence_ = sequence;
  if (::pwrite(acked_file_.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    log::warning("agent.spool", "cannot write {}/{}.acked", directory_.string(), name_);
}

void SpoolQueue::skip_acknowledged() {
  // Segments of older epochs were sent before the acknowledged one.
  std::size_t last = segments_.size();
  for (std::size_t i = 0; i < segments_.size(); ++i)
    if (segments_[i].epoch() == acked_epoch_) last = i;
  if (acked_sequence_ == 0 || last == segments_.size()) return;
  for (;;) {
    const auto record = front();
    if (!record || place_.segment > last) return;
    if (front_epoch() == acked_epoch_ && record->sequence > acked_sequence_) return;
    step();
  }
}

Result<void> SpoolQueue::begin_epoch(std::uint64_t epoch, std::uint64_t next_sequence) {
  epoch_ = epoch;
  next_sequence_ = next_sequence;
  return start_segment();
}

Result<void> SpoolQueue::start_segment() {
  SENT_TRY_ASSIGN(Segment segment, Segment::create(segment_path(directory_, name_, next_number_), epoch_));
  ++next_number_;
  segments_.push_back(std::move(segment));
  return {};
}

Result<void> SpoolQueue::append(std::string_view note, std::string_view body, std::uint64_t segment_bytes,
                                bool durable) {
  if (segments_.back().size() >= segment_bytes) {
    SENT_TRY(segments_.back().sync());
    SENT_TRY(start_segment());
  }
  SENT_TRY(segments_.back().append(next_sequence_, note, body, durable));
  ++next_sequence_;
  ++waiting_;
  return {};
}

std::optional<SegmentRecord> SpoolQueue::front() {
  while (place_.segment < segments_.size()) {
    std::uint64_t offset = place_.offset;
    auto record = segments_[place_.segment].read(offset);
    if (!record) {
      log::error("agent.spool", "{}", describe(record.error()));
      return std::nullopt;
    }
    if (*record) return *std::move(record);
    if (place_.segment + 1 == segments_.size()) return std::nullopt;
    place_ = Place{.segment = place_.segment + 1};
  }
  return std::nullopt;
}

void SpoolQueue::step() {
  std::uint64_t offset = place_.offset;
  const auto record = segments_[place_.segment].read(offset);
  if (!record || !*record) return;
  place_.offset = offset;
  ++place_.passed;
  --waiting_;
}

void SpoolQueue::acknowledge_front() {
  const auto record = front();
  if (!record) return;
  save_acknowledged(front_epoch(), record->sequence);
  step();
  front();  // steps into the next segment when this one is done
}

void SpoolQueue::forget_acknowledged(const std::function<Result<void>()>& before_forgetting) {
  if (place_.segment == 0) return;
  if (const auto ready = before_forgetting(); !ready) {
    log::warning("agent.spool", "{}", describe(ready.error()));
    return;
  }
  std::uint64_t none = 0;
  while (place_.segment > 0 && drop_oldest_segment(none)) {
  }
}

Result<void> SpoolQueue::end_acknowledged_segment() {
  if (waiting_ > 0 || segments_.back().records() == 0) return {};
  SENT_TRY(start_segment());
  place_ = Place{.segment = segments_.size() - 1};
  return {};
}

bool SpoolQueue::drop_oldest_segment(std::uint64_t& dropped) {
  if (segments_.size() < 2) return false;
  if (const auto removed = segments_.front().remove(); !removed) {
    log::error("agent.spool", "{}", describe(removed.error()));
    return false;
  }
  if (place_.segment == 0) {
    const std::uint64_t lost = segments_.front().records() - place_.passed;
    waiting_ -= lost;
    dropped += lost;
    place_ = Place{};
  } else {
    --place_.segment;
  }
  segments_.pop_front();
  return true;
}

std::vector<SpoolNote> SpoolQueue::notes() const {
  std::vector<SpoolNote> notes;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    std::uint64_t offset = Segment::kHeaderBytes;
    for (;;) {
      const bool acknowledged = i < place_.segment || (i == place_.segment && offset < place_.offset);
      auto record = segments_[i].read(offset);
      if (!record || !*record) break;
      if (!(*record)->note.empty()) notes.push_back({std::move((*record)->note), acknowledged});
    }
  }
  return notes;
}

Result<void> SpoolQueue::sync() {
  return segments_.back().sync();
}

std::uint64_t SpoolQueue::bytes() const {
  std::uint64_t bytes = 0;
  for (const Segment& segment : segments_) bytes += segment.size();
  return bytes;
}

}  // namespace sentinella::agent
