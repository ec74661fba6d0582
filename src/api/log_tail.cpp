#include "api/log_tail.h"

#include <algorithm>

#include "api/native/logs_request.h"
#include "api/native/render.h"
#include "base/json.h"
#include "base/log.h"
#include "logs/block/record_view.h"
#include "logs/embedded/log_matcher.h"

namespace sentinella::api {
namespace {

constexpr std::size_t kMaxHeldBack = 1'000;           ///< records that come while older ones are being read
constexpr std::size_t kMaxBacklogBytes = 512u << 10;  ///< a stream that is further behind is cut
constexpr RecordId end_of(std::uint64_t offset) {
  return {offset, UINT32_MAX};
}

std::string frame(RecordId id, const LogRecord& record) {
  JsonWriter json;
  native::write_log(json, {id, record}, native::kMaxTextInLists);
  return fmt::format("id: {}\nevent: log\ndata: {}\n\n", to_text(id), json.str());
}

std::size_t size_of(const Batch& batch) {
  std::size_t bytes = 0;
  for (const LogRecord& record : batch.logs) bytes += sizeof(LogRecord) + 2 * record.raw.size();
  return bytes;
}

}  // namespace

/// One stream: what it wants, how far it is, how much it may still be shown in this second.
class LogTail::Watcher {
 public:
  Watcher(Watch watch, std::shared_ptr<net::StreamWriter> writer)
      : watch_(std::move(watch)), matcher_(watch_.query), writer_(std::move(writer)) {}

  AccountId account() const { return watch_.account; }
  bool open() const { return writer_->open(); }
  void close() { writer_->close(); }
  bool allowed() const { return !watch_.still_allowed || watch_.still_allowed(); }

  void offer(RecordId id, const LogRecord& record) {
    if (!matcher_.matches(logs::view_of(id, record))) return;
    Lock lock(mutex_);
    if (id <= sent_) return;
    if (!replaying_) return show(id, frame(id, record));
    if (held_back_.size() < kMaxHeldBack)
      held_back_.emplace_back(id, frame(id, record));
    else
      ++dropped_;
  }
  void lose(std::size_t records) {
    Lock lock(mutex_);
    dropped_ += records;
  }

  /// Older records first, then those that came meanwhile.
  void begin(const logs::LogStore& store, Time now, std::uint64_t newest) {
    // An id beyond ours is of another life of this server.
    const bool ours = !watch_.after || watch_.after->offset <= newest;
    const auto older = ours ? replay(store, now) : std::nullopt;
    Lock lock(mutex_);
    std::string text = "retry: 2000\n\n";
    if (ours) sent_ = watch_.after.value_or(RecordId{});
    if (!older) text += "event: resync\ndata: {}\n\n";
    if (older && !older->empty()) {
      text += frames_of(*older);
      sent_ = std::max(sent_, older->back().id);
    }
    if (!older || older->empty()) text += fmt::format("id: {}\n\n", to_text(end_of(newest)));
    writer_->write(std::move(text));
    replaying_ = false;
    for (auto& [id, one] : held_back_)
      if (id > sent_) show(id, std::move(one));
    held_back_.clear();
  }

  void beat(std::uint64_t offset) {
    Lock lock(mutex_);
    if (replaying_) return;
    tell_dropped();
    writer_->write(fmt::format("id: {}\n: heartbeat\n\n", to_text(end_of(offset))));
  }
  /// Once a second: how many could not be shown.
  void tick() {
    Lock lock(mutex_);
    if (!replaying_) tell_dropped();
  }

 private:
  /// By arrival; nullopt: there may be more than can be sent.
  std::optional<std::vector<logs::StoredRecord>> replay(const logs::LogStore& store, Time now) const {
    logs::LogQuery query = watch_.query;
    query.newest_first = true;
    query.cursor.clear();
    if (watch_.after) {
      const auto last = store.get(watch_.account, *watch_.after);
      query.range.from = std::min(last ? last->time : now, now) - kLatest;
      query.limit = kMaxReplay;
    } else {
      query.limit = watch_.lines;
    }
    if (query.limit == 0) return std::vector<logs::StoredRecord>();
    auto page = store.search(watch_.account, query);
    if (!page) {
      log::warning("api.tail", "cannot read what came before: {}", describe(page.error()));
      return std::nullopt;
    }
    auto& records = page->records;
    if (watch_.after) {
      const bool all_new = std::ranges::all_of(records, [&](const auto& r) { return r.id > *watch_.after; });
      if (!page->next_cursor.empty() && all_new) return std::nullopt;
      std::erase_if(records, [&](const auto& r) { return r.id <= *watch_.after; });
    }
    std::ranges::sort(records, {}, &logs::StoredRecord::id);
    return std::move(records);
  }

  /// As many of the newest as may be sent at once.
  std::string frames_of(const std::vector<logs::StoredRecord>& records) SENT_REQUIRES(mutex_) {
    std::vector<std::string> frames;
    std::size_t bytes = 0;
    for (std::size_t i = records.size(); i-- > 0 && bytes <= kMaxBacklogBytes;)
      bytes += frames.emplace_back(frame(records[i].id, records[i].record)).size();
    dropped_ += records.size() - frames.size();
    std::string text;
    for (std::size_t i = frames.size(); i-- > 0;) text += frames[i];
    return text;
  }

  void show(RecordId id, std::string text) SENT_REQUIRES(mutex_) {
    const auto now = std::chrono::steady_clock::now();
    if (now - second_ >= std::chrono::seconds(1)) {
      second_ = now;
      shown_ = shown_bytes_ = 0;
    }
    sent_ = std::max(sent_, id);
    ++shown_;
    shown_bytes_ += text.size();
    if (shown_ > kRecordsPerSecond || shown_bytes_ > kBytesPerSecond) {
      ++dropped_;
      return;
    }
    writer_->write(std::move(text));
  }
  void tell_dropped() SENT_REQUIRES(mutex_) {
    if (dropped_ == 0) return;
    writer_->write(fmt::format("event: dropped\ndata: {{\"count\":{}}}\n\n", std::exchange(dropped_, 0)));
  }

  const Watch watch_;
  const logs::LogMatcher matcher_;
  const std::shared_ptr<net::StreamWriter> writer_;
  Mutex mutex_;
  bool replaying_ SENT_GUARDED_BY(mutex_) = true;
  RecordId sent_ SENT_GUARDED_BY(mutex_);  ///< up to here it was shown, or dropped
  std::vector<std::pair<RecordId, std::string>> held_back_ SENT_GUARDED_BY(mutex_);
  std::size_t dropped_ SENT_GUARDED_BY(mutex_) = 0;  ///< not told yet
  std::chrono::steady_clock::time_point second_ SENT_GUARDED_BY(mutex_);
  std::size_t shown_ SENT_GUARDED_BY(mutex_) = 0, shown_bytes_ SENT_GUARDED_BY(mutex_) = 0;
};

LogTail::LogTail(const logs::LogStore& store, const Clock& clock, Duration heartbeat)
    : store_(store), clock_(clock), heartbeat_(heartbeat), thread_([this] { run(); }) {}

LogTail::~LogTail() {
  {
    Lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  Lock lock(mutex_);
  for (const auto& watcher : watchers_) watcher->close();
}

bool LogTail::watched(AccountId account) const {
  return std::ranges::any_of(watchers_, [&](const auto& w) { return w->account() == account; });
}

void LogTail::take(const Batch& batch, std::uint64_t offset) {
  newest_ = offset;
  if (watching_ == 0 || batch.logs.empty()) return;
  const std::size_t bytes = size_of(batch);
  Lock lock(mutex_);
  if (!watched(batch.account)) return;
  if (queued_bytes_ + bytes > kMaxQueuedBytes) {
    for (const auto& watcher : watchers_)
      if (watcher->account() == batch.account) watcher->lose(batch.logs.size());
    return;
  }
  queued_bytes_ += bytes;
  queue_.push_back({batch.account, offset, batch.logs, bytes});
  wake_.notify_all();
}

Result<void> LogTail::check(const Watch& watch) {
  logs::LogQuery query = watch.query;
  query.limit = std::clamp<std::size_t>(watch.lines, 1, 1000);
  return logs::check_query(query);
}

void LogTail::watch(Watch watch, std::shared_ptr<net::StreamWriter> writer) {
  watch.query.range = {{0}, {INT64_MAX}};
  const auto watcher = std::make_shared<Watcher>(std::move(watch), std::move(writer));
  const std::uint64_t newest = newest_;
  {
    Lock lock(mutex_);
    if (stopping_) return watcher->close();
    watchers_.push_back(watcher);
    watching_ = watchers_.size();
  }
  watcher->begin(store_, clock_.now(), newest);
}

void LogTail::run() {
  constexpr auto kTick = std::chrono::seconds(1);
  auto next_tick = std::chrono::steady_clock::now() + kTick;
  auto next_beat = std::chrono::steady_clock::now() + heartbeat_;
  for (;;) {
    std::optional<Taken> taken;
    {
      Lock lock(mutex_);
      while (queue_.empty() && !stopping_)
        if (wake_.wait_until(mutex_, std::min(next_tick, next_beat)) == std::cv_status::timeout) break;
      if (stopping_) return;
      if (!queue_.empty()) {
        taken = std::move(queue_.front());
        queue_.pop_front();
        queued_bytes_ -= taken->bytes;
      }
    }
    if (taken) show(*taken);
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_tick) {
      for (const auto& watcher : all_watchers()) watcher->tick();
      next_tick = now + kTick;
    }
    if (now >= next_beat) {
      heartbeat();
      next_beat = now + heartbeat_;
    }
  }
}

std::vector<std::shared_ptr<LogTail::Watcher>> LogTail::all_watchers() const {
  Lock lock(mutex_);
  return watchers_;
}

void LogTail::show(const Taken& taken) {
  for (const auto& watcher : all_watchers()) {
    if (watcher->account() != taken.account) continue;
    for (std::size_t i = 0; i < taken.records.size(); ++i)
      watcher->offer({taken.offset, static_cast<std::uint32_t>(i)}, taken.records[i]);
  }
}

void LogTail::heartbeat() {
  // Outside of the lock: asking may read the catalogue.
  for (const auto& watcher : all_watchers())
    if (watcher->open() && !watcher->allowed()) watcher->close();
  std::uint64_t seen = newest_;
  std::vector<std::shared_ptr<Watcher>> open;
  {
    Lock lock(mutex_);
    std::erase_if(watchers_, [](const auto& watcher) { return !watcher->open(); });
    watching_ = watchers_.size();
    if (!queue_.empty()) seen = std::min(seen, queue_.front().offset - 1);
    open = watchers_;
  }
  for (const auto& watcher : open) watcher->beat(seen);
}

}  // namespace sentinella::api
