// One series in memory: its newest samples, and the chunks that are sealed but not yet on disk.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/account.h"
#include "model/labels.h"
#include "model/series.h"

namespace sentinella::series {

/// Enough for the codec's fixed costs to vanish, few enough to insert a late sample by moving the rest.
inline constexpr std::size_t kChunkSamples = 120;
/// No chunk spans more, so that a reader knows where to stop looking.
inline constexpr Duration kMaxChunkSpan = std::chrono::hours(24);

struct SealedChunk {
  Time first, last;
  std::uint64_t sequence = 0;  ///< of two chunks with a sample at one instant the greater holds
  std::string bytes;           ///< embedded/chunk_codec.h
};

/// Constant: id, account, labels. The rest is guarded by the store's lock for this series.
struct Series {
  Series(std::uint64_t id_, AccountId account_, Labels labels_, SeriesKind kind_)
      : id(id_), account(account_), labels(std::move(labels_)), kind(kind_) {}

  const std::uint64_t id;
  const AccountId account;
  const Labels labels;
  SeriesKind kind;
  std::vector<Sample> head;           ///< ascending, one per instant
  std::vector<SealedChunk> sealed;    ///< oldest seal first
  Time newest{INT64_MIN};             ///< of all samples ever
  Time oldest_chunk{INT64_MAX};       ///< no chunk on disk ends before
  std::atomic<bool> defined = false;  ///< a batch that defines it is durable
  bool recorded = false;              ///< its labels are on disk
  bool dirty = false;                 ///< has something that is not
};

/// True when the instant was new, false when the sample replaced one.
bool put_sample(std::vector<Sample>& head, const Sample& sample);

/// Splits ascending samples so that no piece spans more than kMaxChunkSpan.
std::vector<std::span<const Sample>> split_by_span(std::span<const Sample> samples);

/// Samples read from one place; of several at one instant the one with the greatest sequence holds.
struct Piece {
  std::uint64_t sequence = 0;
  std::vector<Sample> samples;  ///< ascending
};
std::vector<Sample> merge_pieces(std::vector<Piece> pieces);

}  // namespace sentinella::series
