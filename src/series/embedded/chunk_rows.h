// Chunks on disk: written, found, dropped; and how many bytes there are of each hour.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "kv/database.h"
#include "series/embedded/chunk_cache.h"
#include "series/embedded/pieces.h"
#include "series/embedded/series_rows.h"

namespace sentinella::series {

struct NewChunk {
  AccountId account{};
  SeriesId id{};
  Rank rank;
  Time last;
  std::string bytes;  ///< embedded/chunk_codec.h
};

/// Thread-safe. Errors are the database's.
class ChunkRows {
 public:
  using Visitor = std::function<bool(const ChunkKey& key, std::string_view bytes)>;

  explicit ChunkRows(kv::Database& db) : db_(db) {}
  /// Of what readers found; whatever changes rows makes it forget the series.
  ChunkCache& cache() const { return cache_; }
  Result<void> open();

  /// All or nothing; survives the process at once, the machine with the database's next sync. A chunk with
  /// the same key is replaced.
  Result<void> put(std::span<const NewChunk> chunks);
  /// Takes away and puts at once, of one series.
  Result<void> replace(AccountId account, std::span<const ChunkKey> gone, std::span<const NewChunk> chunks);
  /// The chunks of a series that end at `from` or later and no later than `until`, by their end, until
  /// `visit` returns false.
  Result<void> scan(AccountId account, SeriesId id, Time from, Time until, const Visitor& visit) const;
  /// The one that ends last.
  Result<std::optional<ChunkKey>> newest(AccountId account, SeriesId id) const;
  /// Deletes chunks that end before `cutoff`. Returns the end of the oldest that is left, the far future when
  /// none is.
  Result<Time> drop_before(AccountId account, SeriesId id, Time cutoff);

  /// The end of the oldest hours that must go for the rest to fit; of all, or of one account.
  Time cutoff_for_bytes(std::uint64_t max_bytes, std::optional<AccountId> account = {}) const;
  /// Forgets hours in which no chunk ends any more.
  Result<void> drop_empty_hours();

 private:
  struct Hour {
    std::int64_t since_epoch = 0;
    AccountId account{};
    friend auto operator<=>(const Hour&, const Hour&) = default;
  };
  static Hour hour_of(AccountId account, Time last) { return {series::hour_of(last), account}; }
  using Hours = std::map<Hour, std::int64_t>;
  static constexpr std::size_t kCacheBytes = 64u << 20;
  Result<void> write(kv::WriteBatch batch, const Hours& changes);

  kv::Database& db_;
  mutable ChunkCache cache_{kCacheBytes};
  mutable Mutex mutex_;
  Hours hours_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::series
