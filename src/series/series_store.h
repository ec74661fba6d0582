// Where samples live: a mapping from (account, labels) to samples in time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/account.h"
#include "model/series.h"

namespace sentinella::series {

/// What became of a batch. The counts add up to the number of samples given.
struct AppendReport {
  std::size_t stored = 0;
  std::size_t replaced = 0;  ///< the instant already had a sample; the newer write won
  std::size_t expired = 0;   ///< older than retention; dropped
  std::size_t refused = 0;   ///< the account's series limit is reached
};

struct Selector {
  std::vector<LabelMatcher> matchers;  ///< all must hold; at least one must not match ""
};

/// One series' answer, as columns of equal length, ascending in time, one per instant.
struct SeriesColumns {
  Labels labels;
  SeriesKind kind = SeriesKind::gauge;
  std::vector<Time> times;
  std::vector<double> values;
};

struct Limits {
  std::size_t max_series = 10'000;
  std::size_t max_samples = 5'000'000;
};

struct Retention {
  Duration max_age = std::chrono::hours(24 * 400);
  std::uint64_t max_bytes = 50ull << 30;
};

struct Statistics {
  std::uint64_t series = 0;
  std::uint64_t samples_in_head = 0;
  std::uint64_t bytes_on_disk = 0;
};

/// Thread-safe. Every method may do disk I/O.
///
/// Durability: the caller appends journal batches in offset order and, after a crash, replays from
/// durable_offset() + 1. Appending a batch twice changes nothing.
class SeriesStore {
 public:
  virtual ~SeriesStore() = default;

  /// Readable once this returns. kNoSpace, kIo: nothing of the batch may be relied on; replay it.
  virtual Result<AppendReport> append(AccountId account, std::span<const SeriesSamples> batch,
                                      std::uint64_t journal_offset) = 0;

  /// Samples with range.from <= at < range.until of every matching series. kTooLarge over `limits`.
  /// kInvalid: a bad regex or a selector that matches everything.
  virtual Result<std::vector<SeriesColumns>> select(AccountId account, const Selector& selector,
                                                    TimeRange range, const Limits& limits = {}) const = 0;

  /// The labels of matching series; an empty selector lists all. kTooLarge over `max_series`.
  virtual Result<std::vector<Labels>> find(AccountId account, const Selector& selector,
                                           std::size_t max_series = 10'000) const = 0;

  /// Everything up to this journal offset is on disk here.
  virtual std::uint64_t durable_offset() const = 0;
  /// Makes all appended samples durable and moves durable_offset() forward.
  virtual Result<void> flush() = 0;
  /// Drops what is older than max_age, then the oldest until under max_bytes.
  virtual Result<void> enforce(const Retention& retention, Time now) = 0;
  virtual Statistics statistics() const = 0;
};

}  // namespace sentinella::series
