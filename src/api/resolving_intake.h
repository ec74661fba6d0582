// For doors that send samples under the ids of their series: what they remember between requests, and the way
// from a series that is not remembered to its id.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "codec/influx_line_cache.h"
#include "codec/remote_write_cache.h"
#include "codec/series_key.h"
#include "ingest/intake.h"
#include "model/batch.h"

namespace sentinella::api {

struct Context;

/// Thread-safe. The cache used last is used next, so that few are warm and not all lukewarm; more than a few
/// are not kept, because each may grow large.
template <typename Cache>
class CachePool {
 public:
  /// A cache for the length of one request.
  class Lease {
   public:
    explicit Lease(CachePool& pool) : pool_(pool), cache_(pool.take()) {}
    ~Lease() { pool_.put(std::move(cache_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Cache& operator*() { return *cache_; }
    Cache* operator->() { return cache_.get(); }

   private:
    CachePool& pool_;
    std::unique_ptr<Cache> cache_;
  };

 private:
  std::unique_ptr<Cache> take() {
    Lock lock(mutex_);
    if (idle_.empty()) return std::make_unique<Cache>();
    auto cache = std::move(idle_.back());
    idle_.pop_back();
    return cache;
  }
  void put(std::unique_ptr<Cache> cache) {
    Lock lock(mutex_);
    if (idle_.size() < kKept) idle_.push_back(std::move(cache));
  }

  static constexpr std::size_t kKept = 4;
  Mutex mutex_;
  std::vector<std::unique_ptr<Cache>> idle_ SENT_GUARDED_BY(mutex_);
};

struct SeriesCaches {
  CachePool<codec::LineSeriesCache> lines;
  CachePool<codec::RemoteWriteCache> remote_write;
};

/// What one request becomes: a batch whose series are resolved as its door decodes them.
class ResolvedBatch {
 public:
  using Done = std::move_only_function<void(Result<bus::Offset>)>;

  ResolvedBatch(Context& server, AccountId account);
  AccountId account() const { return batch_.account; }
  Time received() const { return batch_.received; }
  SampleBlock& samples() { return batch_.samples; }
  bool empty() const { return batch_.empty(); }

  /// Adds definitions where they are needed. Good until this object moves.
  codec::ResolveSeries resolver();
  codec::AreDefined are_defined() const;
  /// What caches of ids must be begun with.
  std::uint64_t epoch() const;

  /// Journals the batch; hosts that it speaks of for the first time become nodes before. `done` is called
  /// when it is durable, or at once without samples. Never waits.
  void submit(Done done) &&;

 private:
  bool is_first_use(SeriesId id);
  void note_host(std::string_view canonical);

  Context* server_;
  Batch batch_;
  std::unordered_set<std::uint64_t> defined_;  ///< empty as long as what is defined is in order
  std::set<std::string, std::less<>> hosts_;
  std::string last_host_;
};

}  // namespace sentinella::api
