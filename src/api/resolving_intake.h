// For doors that send samples under the ids of their series: what they remember between requests, and the way
// from a series that is not remembered to its id.
#pragma once

#include <algorithm>
#include <array>
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

/// Thread-safe. The same few caches are used again and again, the first one most of all, so that it is warm
/// and not all are lukewarm; when all are in use there is an empty one for the moment, because each may grow
/// large.
template <typename Cache>
class CachePool {
 public:
  /// A cache for the length of one request.
  class Lease {
   public:
    explicit Lease(CachePool& pool) : pool_(pool), number_(pool.take()) {
      if (number_ == kKept) spare_ = std::make_unique<Cache>();
      cache_ = spare_ ? spare_.get() : &pool.kept_[number_];
    }
    ~Lease() { pool_.put(number_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Cache& operator*() { return *cache_; }
    Cache* operator->() { return cache_; }

   private:
    CachePool& pool_;
    const std::size_t number_;
    std::unique_ptr<Cache> spare_;
    Cache* cache_;
  };

 private:
  std::size_t take() {
    Lock lock(mutex_);
    const auto number = static_cast<std::size_t>(std::ranges::find(lent_, false) - lent_.begin());
    if (number < kKept) lent_[number] = true;
    return number;
  }
  void put(std::size_t number) {
    Lock lock(mutex_);
    if (number < kKept) lent_[number] = false;
  }

  static constexpr std::size_t kKept = 4;
  std::array<Cache, kKept> kept_;  ///< each its borrower's
  Mutex mutex_;
  std::array<bool, kKept> lent_ SENT_GUARDED_BY(mutex_){};
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
  /// when it is durable, or can be read, or at once without samples. Never waits.
  void submit(Done done, ingest::Until until = ingest::Until::durable) &&;

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
