// batches -> journal -> stores -> whoever listens. The one way in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/journal.h"
#include "codec/log_format_rules.h"
#include "events/event_store.h"
#include "ingest/log_census.h"
#include "logs/log_store.h"
#include "model/batch.h"
#include "series/series_store.h"

namespace sentinella::ingest {

/// What the answer to a request waits for.
enum class Until : std::uint8_t {
  durable,  ///< in the journal, on disk
  applied,  ///< and readable from the stores
};

/// Is given every batch once, in journal order, after the stores have it. Called on the applying thread.
using Tap = std::function<void(const Batch&, bus::Offset)>;

struct IntakeStatistics {
  std::uint64_t batches = 0, duplicates = 0, samples = 0, log_records = 0, events = 0, reports = 0;
  std::uint64_t refused = 0;          ///< the journal did not take it
  std::uint64_t refused_samples = 0;  ///< their series would be over the account's limit
  std::uint64_t journal_bytes = 0;
  bus::Offset last_offset = 0, applied_offset = 0;
};

/// Samples that were dropped because their series could not be had.
struct Unresolved {
  std::size_t samples = 0;
  std::string first_reason;
};

struct Stores {
  series::SeriesStore& series;
  logs::LogStore& logs;
  events::EventStore& events;
};

/// Thread-safe.
class Intake {
 public:
  using Done = std::move_only_function<void(Result<bus::Offset>)>;

  /// Replays what the stores, or the tap (from `tap_offset` + 1), have not seen; returns when that is done.
  /// `watermark_file` remembers the newest batch of each agent. Log records that `formats` is for are read
  /// anew by it.
  static Result<std::unique_ptr<Intake>> open(bus::Journal& journal, Stores stores, Tap tap,
                                              bus::Offset tap_offset,
                                              const std::filesystem::path& watermark_file,
                                              codec::LogFormatRules formats = {});
  ~Intake();  ///< applies what is durable, flushes the stores

  /// Moves the samples of `batch.series` to `batch.samples`. Those of new series over the account's limit are
  /// dropped, counted and told of. submit() does it for doors that do not ask.
  Unresolved resolve(Batch& batch);
  /// Samples in `batch.series` are resolved to ids first; doors that do so themselves fill `batch.samples`.
  /// `done` gets the journal offset; for a batch that was already taken, the offset 0: an answer of success.
  void submit(Batch batch, Until until, Done done);
  /// Makes the stores durable up to now and lets the journal forget what nobody needs. `tap_offset`: how far
  /// the tap's owner has stored its own state.
  Result<void> checkpoint(bus::Offset tap_offset);
  IntakeStatistics statistics() const;
  const LogCensus& log_census() const;

 private:
  Intake();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::ingest
