#include "codec/record_joiner.h"

#include <algorithm>
#include <string>

#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

/// A worker whose file has gone on for so long has written its traceback.
constexpr Duration kLogTimeLimit = 1s;
/// Memory beyond this is not kept for the next record.
constexpr std::size_t kKeptBytes = 1u << 16;

/// Text that grows by lines and keeps its head and its tail when it grows too long.
class BoundedText {
 public:
  /// The line must stay where it is until keep().
  void begin(std::string_view line, std::size_t limit) {
    size_ = 0;
    if (!head_.empty()) {
      tail_ = {};
      head_.clear();
      if (head_.capacity() > kKeptBytes) head_ = {};
    }
    is_borrowed_ = line.size() <= limit;
    if (!is_borrowed_) return add(line, limit);
    borrowed_ = line;
    size_ = line.size();
  }
  void keep() {
    if (is_borrowed_) head_.assign(borrowed_);
    is_borrowed_ = false;
  }
  void add_line(std::string_view line, std::size_t limit) {
    if (is_borrowed_ && line.data() == borrowed_.data() + size_ + 1 && line.size() < limit - size_) {
      // It follows where the borrowed text stands, with the newline between them.
      size_ += 1 + line.size();
      borrowed_ = {borrowed_.data(), size_};
      return;
    }
    keep();
    add("\n", limit);
    add(line, limit);
  }
  bool truncated() const { return size_ > head().size(); }
  /// The first bytes, as many as there is room for.
  std::string_view head() const { return is_borrowed_ ? borrowed_ : std::string_view(head_); }
  std::string_view finish(std::size_t limit) {
    if (!truncated()) return head();
    const std::size_t half = limit / 2;
    std::string end = head_.substr(half) + tail_;
    if (end.size() > half) end.erase(0, end.size() - half);
    const std::size_t lost = size_ - half - end.size();
    head_.resize(half);
    head_ += "\n[" + std::to_string(lost) + " bytes left out]\n" + end;
    return head_;
  }

 private:
  void add(std::string_view bytes, std::size_t limit) {
    size_ += bytes.size();
    const std::size_t fits = std::min(limit - head_.size(), bytes.size());
    head_.append(bytes.substr(0, fits));
    if (fits == bytes.size()) return;
    tail_.append(bytes.substr(fits));
    // Cut only when twice too long, so that each byte is moved once on average.
    if (tail_.size() > limit) tail_.erase(0, tail_.size() - limit / 2);
  }

  std::size_t size_ = 0;
  bool is_borrowed_ = false;
  std::string_view borrowed_;
  std::string head_;
  std::string tail_;
};

/// An oslo head whose views are places in a text that may move.
struct OsloPlaces {
  OsloHead head;
  std::size_t time = 0, logger = 0, rest = 0;

  OsloPlaces() = default;
  OsloPlaces(const OsloHead& found, std::string_view line)
      : head(found),
        time(static_cast<std::size_t>(found.time_text.data() - line.data())),
        logger(static_cast<std::size_t>(found.logger.data() - line.data())),
        rest(static_cast<std::size_t>(found.rest.data() - line.data())) {}

  OsloHead in(std::string_view text) const {
    OsloHead out = head;
    out.time_text = text.substr(time, head.time_text.size());
    out.logger = text.substr(logger, head.logger.size());
    out.rest = text.substr(rest, head.rest.size());
    return out;
  }
};

enum class Trace : std::uint8_t { none, inside, concluded };

bool may_begin_traceback(TracebackPart part) {
  return part != TracebackPart::none && part != TracebackPart::appendix;
}

/// Moves `trace` on by a line of that kind. Whether the line may belong to an untimed record at all is the
/// answer.
bool follow(Trace& trace, TracebackPart part) {
  switch (part) {
    case TracebackPart::begin:
      if (trace == Trace::concluded) return false;
      trace = Trace::inside;
      return true;
    case TracebackPart::chain:
      if (trace == Trace::none) return false;
      trace = Trace::inside;
      return true;
    case TracebackPart::exception:
      if (trace != Trace::inside) return false;
      trace = Trace::concluded;
      return true;
    case TracebackPart::appendix:
      return trace != Trace::none;
    case TracebackPart::frame:
    case TracebackPart::empty:
      return true;
    case TracebackPart::none:
      return false;
  }
  return false;
}

}  // namespace

struct RecordJoiner::OpenRecord {
  BoundedText text;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  Time last;
  LineStart start = LineStart::plain;
  bool open = true;
  bool one_line = true;
  bool entry_open = false;  ///< of the journal: its empty line is still to come
  Trace trace = Trace::none;
  std::string head;            ///< RabbitMQ's, which its continuations repeat
  std::string again;           ///< what stood before the text of the last continuation of an oslo record
  OsloPlaces oslo;             ///< continuations repeat its time, pid and logger
  OpenRecord* next = nullptr;  ///< of the same bucket

  OsloHead head_of() const { return oslo.in(text.head()); }
  bool has_head(const OsloHead& other) const {
    if (oslo.head.pid != other.pid) return false;
    const OsloHead own = head_of();
    return own.time_text == other.time_text && own.logger == other.logger;
  }
};

RecordJoiner::RecordJoiner(std::size_t max_record_bytes) : max_bytes_(max_record_bytes) {}
RecordJoiner::~RecordJoiner() = default;
RecordJoiner::RecordJoiner(RecordJoiner&&) noexcept = default;

RecordJoiner::OpenRecord& RecordJoiner::begin(LineStart start, const Line& line, const Sink& sink) {
  if (count_ == kMaxOpen) {
    close(at(0));
    hand_out(sink);
  }
  std::unique_ptr<OpenRecord> record;
  if (spare_.empty()) {
    record = std::make_unique<OpenRecord>();
  } else {
    record = std::move(spare_.back());
    spare_.pop_back();
  }
  record->text.begin(line.text, max_bytes_);
  record->begin = line.offset;
  record->end = line.end;
  record->last = line.now;
  record->start = start;
  record->open = true;
  record->one_line = true;
  record->entry_open = start == LineStart::journal;
  record->trace = Trace::none;
  record->head.clear();
  record->again.clear();
  current_ = record.get();
  ring_[(first_ + count_++) % kMaxOpen] = std::move(record);
  ++borrowed_;
  return *current_;
}

void RecordJoiner::append(OpenRecord& record, const Line& line) {
  record.text.add_line(line.text, max_bytes_);
  record.one_line = false;
  record.end = line.end;
  record.last = line.now;
  current_ = &record;
}

void RecordJoiner::close(OpenRecord& record) {
  if (!record.open) return;
  record.open = false;
  if (current_ == &record) current_ = nullptr;
  if (other_ == &record) other_ = nullptr;
  if (record.start != LineStart::oslo) return;
  OpenRecord** link = &by_pid_[record.oslo.head.pid % kBuckets];
  while (*link != &record) link = &(*link)->next;
  *link = record.next;
}

void RecordJoiner::hand_out(const Sink& sink) {
  while (count_ > 0 && !at(0).open) {
    std::unique_ptr<OpenRecord> record = std::move(ring_[first_]);
    first_ = (first_ + 1) % kMaxOpen;
    --count_;
    const bool truncated = record->text.truncated();
    const std::string_view text = record->text.finish(max_bytes_);
    const bool headed = record->start == LineStart::oslo && !truncated;
    const bool timed = !truncated && record->oslo.head.time.length > 0;
    const OsloHead head = headed ? record->head_of() : OsloHead{};
    sink({text, record->begin, record->end, truncated, headed ? &head : nullptr,
          timed ? &record->oslo.head.time : nullptr, record->one_line});
    spare_.push_back(std::move(record));
  }
}

/// The record that a line with oslo's head but no context continues.
RecordJoiner::OpenRecord* RecordJoiner::continued_by(const OsloHead& head) const {
  if (!is_level_of_traceback(head.severity) || scan_oslo_context(head.rest)) return nullptr;
  OpenRecord* record = by_pid_[head.pid % kBuckets];
  while (record && !record->has_head(head)) record = record->next;
  // Once inside, any text belongs to it: exceptions print what they like.
  if (!record || record->trace != Trace::none) return record;
  std::string_view body = head.rest;
  take_instance(body);
  return may_begin_traceback(traceback_part(body)) ? record : nullptr;
}

/// Most lines of a traceback begin as the one before; then they need not be taken apart.
bool RecordJoiner::goes_on(const Line& line) {
  if (!current_ || current_->again.empty() || !line.text.starts_with(current_->again)) return false;
  if (line.text.substr(current_->again.size()).starts_with('[')) return false;  // a context: a new record
  append(*current_, line);
  return true;
}

/// A traceback has the time of its head to the millisecond, so a process that has gone on to another time is
/// done with all its records of before.
void RecordJoiner::close_before(const OsloHead& head) {
  for (OpenRecord* record = by_pid_[head.pid % kBuckets]; record != nullptr;) {
    OpenRecord* const next = record->next;
    if (record->oslo.head.pid == head.pid) {
      const OsloHead own = record->head_of();
      if (own.logger == head.logger || own.time_text != head.time_text) close(*record);
    }
    record = next;
  }
  for (std::size_t age = 0; age < count_; ++age) {
    OpenRecord& record = at(age);
    if (!record.open) continue;
    if (record.start != LineStart::oslo ||
        head.time.wall_ns - record.oslo.head.time.wall_ns < kLogTimeLimit.count())
      break;
    close(record);
  }
}

void RecordJoiner::close_other() {
  if (other_) close(*other_);
}

void RecordJoiner::oslo_line(const OsloHead& head, const Line& line, const Sink& sink) {
  if (OpenRecord* const record = continued_by(head)) {
    record->trace = Trace::inside;
    record->again = line.text.substr(0, static_cast<std::size_t>(head.rest.data() - line.text.data()));
    return append(*record, line);
  }
  close_other();
  close_before(head);
  hand_out(sink);
  // Nothing can be said of a head that is cut.
  if (line.text.size() - head.rest.size() > max_bytes_)
    return other_line(LineStart::timed, head.time, line, sink);
  OpenRecord& record = begin(LineStart::oslo, line, sink);
  record.oslo = OsloPlaces(head, line.text);
  record.next = by_pid_[head.pid % kBuckets];
  by_pid_[head.pid % kBuckets] = &record;
  if (!is_level_of_traceback(head.severity) || head.rest.starts_with("[-]")) return;
  std::string_view body = head.rest;
  take_instance(body);
  if (may_begin_traceback(traceback_part(body)) && !scan_oslo_context(head.rest))
    record.trace = Trace::inside;
}

void RecordJoiner::rabbit_line(const WrittenTime& time, std::string_view head, const Line& line,
                               const Sink& sink) {
  if (current_ && current_->start == LineStart::rabbit && current_->head == head)
    return append(*current_, line);
  other_line(LineStart::rabbit, time, line, sink);
  current_->head = head;
}

void RecordJoiner::untimed_line(std::string_view bare, const Line& line, const Sink& sink) {
  const TracebackPart part = traceback_part(bare);
  if (current_) {
    OpenRecord& record = *current_;
    const bool alone = record.start == LineStart::access || record.start == LineStart::json;
    if (part == TracebackPart::empty) record.entry_open = false;
    const bool joins = record.start == LineStart::plain ? follow(record.trace, part)
                                                        : !alone || part == TracebackPart::empty;
    if (joins) return append(record, line);
  }
  other_line(LineStart::plain, {}, line, sink);
  follow(current_->trace, part);
}

void RecordJoiner::other_line(LineStart start, const WrittenTime& time, const Line& line, const Sink& sink) {
  close_other();
  hand_out(sink);
  other_ = &begin(start, line, sink);
  other_->oslo.head.time = time;
}

void RecordJoiner::borrowed_line(std::string_view text, std::uint64_t offset, std::uint64_t end, Time now,
                                 const Sink& sink) {
  // What the line completes is handed out before the line itself is anywhere.
  read_to_ = offset;
  place({text, offset, end, now}, sink);
  read_to_ = end;
}

void RecordJoiner::place(const Line& line, const Sink& sink) {
  if (goes_on(line)) return;
  const std::string_view bare = without_cr(line.text);
  ClassifiedLine what = classify_line(bare);
  // Within an entry of the journal a line means nothing, and an object may be part of a text.
  if (current_ && current_->entry_open && what.start != LineStart::journal) what.start = LineStart::none;
  if (what.start == LineStart::json && current_ &&
      (current_->start == LineStart::oslo || current_->start == LineStart::timed))
    what.start = LineStart::none;
  switch (what.start) {
    case LineStart::none:
      return untimed_line(bare, line, sink);
    case LineStart::oslo:
      return oslo_line(what.oslo, line, sink);
    case LineStart::rabbit:
      return rabbit_line(what.oslo.time, what.rabbit_head, line, sink);
    default:
      return other_line(what.start, what.oslo.time, line, sink);
  }
}

void RecordJoiner::keep() {
  for (std::size_t i = std::min(borrowed_, count_); i > 0; --i) at(count_ - i).text.keep();
  borrowed_ = 0;
}

void RecordJoiner::flush(Time older_than, const Sink& sink) {
  for (std::size_t age = 0; age < count_; ++age)
    if (at(age).last < older_than) close(at(age));
  hand_out(sink);
}

std::uint64_t RecordJoiner::safe_offset() const {
  // Of the open records the first began first.
  return count_ == 0 ? read_to_ : at(0).begin;
}

}  // namespace sentinella::codec
