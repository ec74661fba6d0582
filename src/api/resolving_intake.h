// For doors that send samples under the ids of their series: what they remember between requests, and the way
// from a series that is not remembered to its id.
#pragma once

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

namespace sentinella {
struct Batch;
}

namespace sentinella::api {

struct Context;

/// Thread-safe. As many caches as there were requests at one time; the one used last is used next, so that
/// few are warm and not all lukewarm.
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
    idle_.push_back(std::move(cache));
  }

  Mutex mutex_;
  std::vector<std::unique_ptr<Cache>> idle_ SENT_GUARDED_BY(mutex_);
};

struct SeriesCaches {
  CachePool<codec::LineSeriesCache> lines;
  CachePool<codec::RemoteWriteCache> remote_write;
};

/// Resolves the series of one batch: adds definitions where they are needed, and names new hosts to the
/// catalogue.
class BatchResolver {
 public:
  /// Both must outlive it; the batch's account and time of arrival must be set.
  BatchResolver(Context& server, Batch& batch) : server_(server), batch_(batch) {}
  codec::ResolveSeries resolve();
  /// Call when all is decoded: the hosts that the batch speaks of become nodes.
  void touch_hosts();
  /// What caches of ids must be begun with.
  static std::uint64_t epoch(const Context& server);

 private:
  void note_host(std::string_view canonical);

  Context& server_;
  Batch& batch_;
  std::unordered_set<std::uint64_t> defined_;
  std::set<std::string, std::less<>> hosts_;
  std::string last_host_;
};

}  // namespace sentinella::api
