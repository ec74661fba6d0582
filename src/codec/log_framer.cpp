#include "codec/log_framer.h"

#include <algorithm>
#include <vector>

#include "codec/log_line.h"

namespace sentinella::codec {
namespace {

/// More writers than this in one file and the longest silent one is taken as finished.
constexpr std::size_t kMaxOpen = 64;

/// Text that grows by lines and keeps its head and its tail when it grows too long.
class BoundedText {
 public:
  explicit BoundedText(std::size_t limit) : limit_(limit) {}

  void add_line(std::string_view line) {
    if (size_ > 0) add("\n");
    add(line);
  }
  bool truncated() const { return size_ > head_.size(); }
  std::string take() && {
    if (!truncated()) return std::move(head_);
    const std::size_t half = limit_ / 2;
    std::string end = head_.substr(half) + tail_;
    if (end.size() > half) end.erase(0, end.size() - half);
    const std::size_t lost = size_ - half - end.size();
    head_.resize(half);
    return head_ + "\n[" + std::to_string(lost) + " bytes left out]\n" + end;
  }

 private:
  void add(std::string_view bytes) {
    size_ += bytes.size();
    const std::size_t fits = std::min(limit_ - head_.size(), bytes.size());
    head_.append(bytes.substr(0, fits));
    tail_.append(bytes.substr(fits));
    // Cut only when twice too long, so that each byte is moved once on average.
    if (tail_.size() > limit_) tail_.erase(0, tail_.size() - limit_ / 2);
  }

  std::size_t limit_;
  std::size_t size_ = 0;
  std::string head_;
  std::string tail_;
};

struct OpenRecord {
  OpenRecord(std::size_t limit, std::uint64_t begin_offset) : text(limit), begin(begin_offset) {}

  BoundedText text;
  std::uint64_t begin;
  std::uint64_t end = 0;
  Time last;
  LineStart start = LineStart::plain;
  // What continuations must repeat: oslo's time, pid and logger, RabbitMQ's whole head.
  std::string head;
  std::string logger;
  std::uint32_t pid = 0;
  enum class Trace : std::uint8_t { none, inside, concluded } trace = Trace::none;
};
using Trace = OpenRecord::Trace;

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

struct LogFramer::Impl {
  std::size_t max_bytes;
  std::vector<OpenRecord> open;    ///< by begin, because records are added at the end
  std::size_t current = SIZE_MAX;  ///< the one that got the last line; SIZE_MAX = none
  std::uint64_t read_to = 0;

  void append(std::size_t index, std::string_view line, std::uint64_t end, Time now) {
    OpenRecord& record = open[index];
    record.text.add_line(line);
    record.end = end;
    record.last = now;
    current = index;
  }

  /// Hands out the open records for which `done` holds, oldest first.
  template <typename Done>
  void close(Done done, const Sink& sink) {
    std::size_t kept = 0;
    std::size_t new_current = SIZE_MAX;
    for (std::size_t i = 0; i < open.size(); ++i) {
      OpenRecord& record = open[i];
      if (done(record)) {
        const bool truncated = record.text.truncated();
        sink({std::move(record.text).take(), record.begin, record.end, truncated});
        continue;
      }
      if (i == current) new_current = kept;
      if (i != kept) open[kept] = std::move(record);
      ++kept;
    }
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(kept), open.end());
    current = new_current;
  }

  OpenRecord& begin(LineStart start, std::uint64_t offset, const Sink& sink) {
    if (open.size() >= kMaxOpen) {
      const Time quiet = std::ranges::min_element(open, {}, &OpenRecord::last)->last;
      close([&](const OpenRecord& record) { return record.last == quiet; }, sink);
    }
    OpenRecord& record = open.emplace_back(max_bytes, offset);
    record.start = start;
    return record;
  }

  /// The record that a line with oslo's head but no context continues; SIZE_MAX = none.
  std::size_t continued_by(const OsloHead& head) const {
    if (head.severity != Severity::error || scan_oslo_context(head.rest)) return SIZE_MAX;
    std::string_view body = head.rest;
    take_instance(body);
    for (std::size_t i = open.size(); i-- > 0;) {
      const OpenRecord& record = open[i];
      if (record.start != LineStart::oslo || record.pid != head.pid || record.logger != head.logger ||
          record.head != head.time_text)
        continue;
      // Once inside, any text belongs to it: exceptions print what they like.
      return record.trace != Trace::none || may_begin_traceback(traceback_part(body)) ? i : SIZE_MAX;
    }
    return SIZE_MAX;
  }

  void oslo_line(std::string_view line, std::uint64_t offset, std::uint64_t end, Time now, const Sink& sink) {
    const OsloHead head = *scan_oslo_head(skip_noise(line));
    if (const std::size_t index = continued_by(head); index != SIZE_MAX) {
      open[index].trace = Trace::inside;
      return append(index, line, end, now);
    }
    // A traceback has the time of its head to the millisecond, so a process that has gone on to another time
    // is done with all its records of before.
    close(
        [&](const OpenRecord& record) {
          return record.start != LineStart::oslo ||
                 (record.pid == head.pid && (record.logger == head.logger || record.head != head.time_text));
        },
        sink);
    OpenRecord& record = begin(LineStart::oslo, offset, sink);
    record.head = head.time_text;
    record.logger = head.logger;
    record.pid = head.pid;
    std::string_view body = head.rest;
    take_instance(body);
    const bool headless = head.severity == Severity::error && may_begin_traceback(traceback_part(body));
    if (headless && !scan_oslo_context(head.rest)) record.trace = Trace::inside;
    append(open.size() - 1, line, end, now);
  }

  void untimed_line(std::string_view line, std::uint64_t offset, std::uint64_t end, Time now,
                    const Sink& sink) {
    const TracebackPart part = traceback_part(line);
    if (current != SIZE_MAX) {
      OpenRecord& record = open[current];
      const bool joins =
          record.start == LineStart::plain ? follow(record.trace, part) : record.start != LineStart::access;
      if (joins) return append(current, line, end, now);
    }
    if (part == TracebackPart::empty) return;
    begin_other(LineStart::plain, line, offset, end, now, sink);
    follow(open.back().trace, part);
  }

  void begin_other(LineStart start, std::string_view line, std::uint64_t offset, std::uint64_t end, Time now,
                   const Sink& sink) {
    close([](const OpenRecord& record) { return record.start != LineStart::oslo; }, sink);
    begin(start, offset, sink);
    append(open.size() - 1, line, end, now);
  }
};

LogFramer::LogFramer(std::size_t max_record_bytes) : impl_(std::make_unique<Impl>()) {
  impl_->max_bytes = max_record_bytes;
}
LogFramer::~LogFramer() = default;
LogFramer::LogFramer(LogFramer&&) noexcept = default;

void LogFramer::line(std::string_view line, std::uint64_t offset, std::uint64_t end, Time now,
                     const Sink& sink) {
  Impl& self = *impl_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  self.read_to = end;
  const LineStart start = classify_start(line);
  switch (start) {
    case LineStart::none:
      return self.untimed_line(line, offset, end, now, sink);
    case LineStart::oslo:
      return self.oslo_line(line, offset, end, now, sink);
    case LineStart::rabbit: {
      const std::string_view head = scan_rabbit_head(skip_noise(line))->head;
      if (self.current != SIZE_MAX && self.open[self.current].head == head)
        return self.append(self.current, line, end, now);
      self.begin_other(start, line, offset, end, now, sink);
      self.open.back().head = head;
      return;
    }
    case LineStart::timed:
    case LineStart::access:
    case LineStart::plain:
      return self.begin_other(start, line, offset, end, now, sink);
  }
}

void LogFramer::flush(Time older_than, const Sink& sink) {
  impl_->close([&](const OpenRecord& record) { return record.last < older_than; }, sink);
}

bool LogFramer::has_open() const {
  return !impl_->open.empty();
}

std::uint64_t LogFramer::safe_offset() const {
  // Of the open records the first began first.
  return impl_->open.empty() ? impl_->read_to : impl_->open.front().begin;
}

}  // namespace sentinella::codec
