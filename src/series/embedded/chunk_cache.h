// What readers found on disk lately, series by series, unpacked where they needed it: dashboards ask for the
// same hours again and again.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "model/sample_block.h"
#include "series/embedded/chunk_codec.h"
#include "series/embedded/pieces.h"
#include "series/embedded/rollup.h"

namespace sentinella::series {

/// A chunk of the disk. Copies share what it holds, which never changes.
struct DiskChunk {
  Rank rank;
  Time last;  ///< of its key
  ChunkSummary summary;
  std::shared_ptr<const std::string> packed;  ///< null once unpacked
  std::shared_ptr<const Columns> columns;     ///< null until then; of roll-ups samples_of() them
  std::shared_ptr<const RollUps> rolled;      ///< what was unpacked, of a chunk of roll-ups
};

/// All chunks of a series that have samples in `cover`, and perhaps more, by their ends.
struct DiskChunks {
  TimeRange cover;
  std::vector<DiskChunk> chunks;
};
using SharedChunks = std::shared_ptr<const DiskChunks>;

/// Thread-safe. The least recently asked for goes first.
class ChunkCache {
 public:
  explicit ChunkCache(std::size_t max_bytes) : max_bytes_of_shard_(max_bytes / kShards) {}

  /// What is known of the series; null when nothing is. To be taken before the disk is read for put().
  struct Known {
    SharedChunks chunks;
    std::uint64_t version = 0;
  };
  Known find(SeriesId id);
  /// Does nothing when forget() came after the find() that gave `version`.
  void put(SeriesId id, SharedChunks chunks, std::uint64_t version);
  /// Its chunks on disk have changed.
  void forget(SeriesId id);

  std::size_t bytes() const;

 private:
  static constexpr std::size_t kShards = 16;
  struct Entry {
    SeriesId id{};
    SharedChunks chunks;
    std::size_t bytes = 0;
  };
  struct alignas(64) Shard {
    mutable Mutex mutex;
    std::uint64_t version SENT_GUARDED_BY(mutex) = 0;
    std::size_t bytes SENT_GUARDED_BY(mutex) = 0;
    std::list<Entry> entries SENT_GUARDED_BY(mutex);  ///< the latest first
    std::unordered_map<std::uint64_t, std::list<Entry>::iterator> of_id SENT_GUARDED_BY(mutex);

    void erase(std::list<Entry>::iterator at) SENT_REQUIRES(mutex);
  };
  Shard& shard_of(SeriesId id) { return shards_[static_cast<std::uint64_t>(id) % kShards]; }

  const std::size_t max_bytes_of_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace sentinella::series
