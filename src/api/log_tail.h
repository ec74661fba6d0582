// New log records, as they become searchable, to whoever watches: server-sent events (WHATWG HTML,
// section 9.2).
//
//   id: 4711-3            the record's id; also of heartbeats: all before it was seen
//   event: log            data: the record, as the search shows it
//   event: dropped        data: {"count":n}: matching records that were too many to be shown
//   event: resync         data: {}: too much has come since Last-Event-ID, search afresh
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "logs/log_store.h"
#include "model/account.h"
#include "model/batch.h"
#include "net/http.h"

namespace sentinella::api {

/// Thread-safe. Whatever watchers do, take() neither waits for them nor grows without bound.
class LogTail {
 public:
  /// What one watcher is shown a second; the rest is counted and told.
  static constexpr std::size_t kRecordsPerSecond = 500, kBytesPerSecond = 512u << 10;
  /// Taken, not yet matched; above, batches are dropped, and told of.
  static constexpr std::size_t kMaxQueuedBytes = 32u << 20;
  /// More than this since Last-Event-ID, or records that came later than this: resync.
  static constexpr std::size_t kMaxReplay = 2'000;
  static constexpr Duration kLatest = std::chrono::minutes(5);

  /// `store` and `clock` must outlive it.
  LogTail(const logs::LogStore& store, const Clock& clock, Duration heartbeat = std::chrono::seconds(15));
  ~LogTail();  ///< closes every stream

  /// Records that the store has. Costs next to nothing when nobody of the account watches.
  void take(const Batch& batch, std::uint64_t offset);

  struct Watch {
    AccountId account{};
    logs::LogQuery query;           ///< its range means nothing
    std::optional<RecordId> after;  ///< resume: what came after this
    std::size_t lines = 0;          ///< else: so many of the newest first, at most 1000
    /// Asked at every heartbeat; false ends the stream.
    std::function<bool()> still_allowed;
  };
  /// kInvalid: the query. Then `writer` is not used.
  static Result<void> check(const Watch& watch);
  void watch(Watch watch, std::shared_ptr<net::StreamWriter> writer);
  std::size_t watchers() const { return watching_; }

 private:
  class Watcher;
  struct Taken {
    AccountId account{};
    std::uint64_t offset = 0;
    std::vector<LogRecord> records;
    std::size_t bytes = 0;
  };

  void run();
  void show(const Taken& taken);
  void heartbeat();
  std::vector<std::shared_ptr<Watcher>> all_watchers() const;
  bool watched(AccountId account) const SENT_REQUIRES(mutex_);

  const logs::LogStore& store_;
  const Clock& clock_;
  const Duration heartbeat_;
  std::atomic<std::size_t> watching_ = 0;
  std::atomic<std::uint64_t> newest_ = 0;  ///< offset that take() was told of

  mutable Mutex mutex_;
  CondVar wake_;
  bool stopping_ SENT_GUARDED_BY(mutex_) = false;
  std::deque<Taken> queue_ SENT_GUARDED_BY(mutex_);
  std::size_t queued_bytes_ SENT_GUARDED_BY(mutex_) = 0;
  std::vector<std::shared_ptr<Watcher>> watchers_ SENT_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace sentinella::api
