#include "ingest/intake.h"

#include <algorithm>
#include <deque>
#include <thread>

#include "base/file.h"
#include "base/log.h"
#include "base/mutex.h"
#include "codec/batch_codec.h"
#include "ingest/watermarks.h"

namespace sentinella::ingest {
namespace {

constexpr std::string_view kLog = "ingest";
/// Encoded, durable or on its way there, but not yet in the stores. In memory a batch takes several times as
/// much.
constexpr std::size_t kMaxPendingBytes = 32u << 20;
constexpr Duration kMaxRetryWait = 5s;
constexpr Duration kProgressEvery = 2s;

struct Pending {
  bus::Offset offset = 0;
  std::size_t bytes = 0;
  Batch batch;
  Intake::Done applied;  ///< empty: the caller has its answer already
};

}  // namespace

struct Intake::Impl {
  Impl(bus::Journal& j, Stores s, Tap t, bus::Offset tap_seen, std::filesystem::path file)
      : journal(j), stores(s), tap(std::move(t)), tap_offset(tap_seen), watermark_file(std::move(file)) {}

  bus::Journal& journal;
  const Stores stores;
  const Tap tap;
  bus::Offset tap_offset;  ///< the tap has seen all up to here; touched by the applying thread only
  const std::filesystem::path watermark_file;

  mutable Mutex mutex;
  CondVar changed;
  std::deque<Pending> queue SENT_GUARDED_BY(mutex);
  std::size_t pending_bytes SENT_GUARDED_BY(mutex) = 0;
  std::size_t appending SENT_GUARDED_BY(mutex) = 0;  ///< handed to the journal, not answered yet
  bool stopping SENT_GUARDED_BY(mutex) = false;
  std::optional<Error> trouble SENT_GUARDED_BY(mutex);  ///< a store refuses; nothing more is taken meanwhile
  bool gave_up SENT_GUARDED_BY(mutex) = false;          ///< stopping, and a store would not take a batch
  Watermarks watermarks SENT_GUARDED_BY(mutex);
  IntakeStatistics counts SENT_GUARDED_BY(mutex);
  std::string snapshot SENT_GUARDED_BY(mutex);  ///< of the watermarks, at the checkpoint before
  bus::Offset snapshot_offset SENT_GUARDED_BY(mutex) = 0;
  std::thread applier;

  Result<void> check_against_journal(std::string_view consumer, bus::Offset offset) const;
  Result<void> replay();
  Unresolved resolve(Batch& batch);
  void submit(Batch batch, Until until, Done done);
  void durable(Pending pending, Until until, Done done, Result<bus::Offset> offset);
  void run();
  bool apply(const Batch& batch, bus::Offset offset);
  Result<void> erase(AccountId account, const SeriesErasure& erasure, bus::Offset offset) const;
  Result<void> store(const Batch& batch, bus::Offset offset) const;
  void count(const Batch& batch) SENT_REQUIRES(mutex);
  Result<void> checkpoint(bus::Offset tap_stored);
};

/// A consumer that is ahead of the journal would take new records for old ones, and drop them.
Result<void> Intake::Impl::check_against_journal(std::string_view consumer, bus::Offset offset) const {
  if (offset <= journal.last()) return {};
  return fail(Errc::kCorrupt,
              "the {} has seen journal record {}, but the journal ends at {}: was its directory removed, or "
              "one of the two restored from another backup?",
              consumer, offset, journal.last());
}

Result<void> Intake::Impl::replay() {
  bus::Offset from = 0;
  if (const auto bytes = read_file(watermark_file); bytes) {
    SENT_TRY_ASSIGN(auto saved, Watermarks::decode(*bytes));
    Lock lock(mutex);
    watermarks = std::move(saved.table);
    from = snapshot_offset = saved.offset;
    snapshot = *bytes;
  } else if (bytes.error().code != Errc::kNotFound) {
    return std::unexpected(bytes.error());
  } else if (journal.first() > 1) {
    log::warning(kLog, "{} is gone: batches that agents send again may be taken twice",
                 watermark_file.string());
  }
  SENT_TRY(check_against_journal("series store", stores.series.durable_offset()));
  SENT_TRY(check_against_journal("log store", stores.logs.durable_offset()));
  SENT_TRY(check_against_journal("event store", stores.events.durable_offset()));
  SENT_TRY(check_against_journal("state of the rules", tap_offset));
  SENT_TRY(check_against_journal("table of known batches", from));
  const bus::Offset last = journal.last();
  auto next_word = std::chrono::steady_clock::now() + kProgressEvery;
  std::optional<Error> bad;
  SENT_TRY(
      journal.read(std::max(from + 1, journal.first()), [&](bus::Offset offset, std::string_view record) {
        auto batch = codec::decode_batch(record);
        if (!batch) {
          bad = Error{
              batch.error().code, fmt::format("journal record {}: {}", offset, batch.error().message), {}};
          return false;
        }
        resolve(*batch);  // of the format before ids
        if (const auto now = std::chrono::steady_clock::now(); now >= next_word) {
          log::info(kLog, "replaying the journal: {} of {}", offset - from, last - from);
          next_word = now + kProgressEvery;
        }
        return apply(*batch, offset);
      }));
  if (bad) return std::unexpected(*bad);
  Lock lock(mutex);
  counts = {};
  counts.applied_offset = counts.last_offset = last;
  return {};
}

Unresolved Intake::Impl::resolve(Batch& batch) {
  Unresolved refused;
  for (const SeriesSamples& series : batch.series) {
    const auto resolved = series::resolve_into(stores.series, batch.account, series, batch.samples);
    if (resolved) continue;
    if (refused.samples == 0) refused.first_reason = resolved.error().message;
    refused.samples += series.samples.size();
  }
  batch.series.clear();
  if (refused.samples == 0) return refused;
  Lock lock(mutex);
  counts.refused_samples += refused.samples;
  return refused;
}

void Intake::Impl::submit(Batch batch, Until until, Done done) {
  resolve(batch);
  auto record = codec::encode_batch(batch);
  if (!record) return done(std::unexpected(record.error()));
  Pending pending{0, record->size(), std::move(batch), {}};
  std::optional<Error> refusal;
  bool duplicate = false;
  {
    Lock lock(mutex);
    if (pending.batch.id && watermarks.seen(*pending.batch.id)) {
      duplicate = true;
      ++counts.duplicates;
    } else if (stopping) {
      refusal = Error{Errc::kUnavailable, "the server is stopping", {}};
    } else if (trouble) {
      refusal = trouble;
    } else if (pending_bytes >= kMaxPendingBytes) {
      refusal = Error{Errc::kUnavailable, "too much is waiting for the stores; try again later", {}};
    } else {
      pending_bytes += pending.bytes;
      ++appending;
    }
    if (refusal) ++counts.refused;
  }
  if (duplicate) return done(bus::Offset{0});
  if (refusal) return done(std::unexpected(*refusal));
  journal.append(*std::move(record), [this, until, pending = std::move(pending),
                                      done = std::move(done)](Result<bus::Offset> offset) mutable {
    durable(std::move(pending), until, std::move(done), std::move(offset));
  });
}

/// On the journal's thread, in offset order.
void Intake::Impl::durable(Pending pending, Until until, Done done, Result<bus::Offset> offset) {
  {
    Lock lock(mutex);
    --appending;
    if (offset) {
      counts.last_offset = pending.offset = *offset;
      if (until == Until::applied) pending.applied = std::exchange(done, {});
      queue.push_back(std::move(pending));
    } else {
      pending_bytes -= pending.bytes;
      ++counts.refused;
    }
    changed.notify_all();
  }
  if (done) done(std::move(offset));
}

void Intake::Impl::run() {
  for (;;) {
    Pending pending;
    {
      Lock lock(mutex);
      while (queue.empty() && !(stopping && appending == 0)) changed.wait(mutex);
      if (queue.empty()) return;
      pending = std::move(queue.front());
      queue.pop_front();
    }
    const bool applied = apply(pending.batch, pending.offset);
    {
      Lock lock(mutex);
      pending_bytes -= pending.bytes;
    }
    if (!pending.applied) continue;
    if (applied)
      pending.applied(pending.offset);
    else
      pending.applied(
          fail(Errc::kUnavailable, "the server is stopping; the data is safe and will be applied"));
  }
}

/// False: the server stops before a store would take it.
bool Intake::Impl::apply(const Batch& batch, bus::Offset offset) {
  {
    Lock lock(mutex);
    if (batch.id && watermarks.seen(*batch.id)) {
      ++counts.duplicates;
      counts.applied_offset = offset;
      return true;
    }
  }
  for (Duration wait = 100ms;; wait = std::min(wait * 2, kMaxRetryWait)) {
    // No later batch may overtake one that was given up: the stores' offsets would then cover both.
    if (const Lock lock(mutex); gave_up) return false;
    const auto stored = store(batch, offset);
    Lock lock(mutex);
    if (stored) {
      if (trouble) log::info(kLog, "the stores take data again");
      trouble.reset();
      break;
    }
    if (!trouble) log::error(kLog, "a store refuses, intake waits for it: {}", describe(stored.error()));
    trouble = Error{stored.error().code == Errc::kNoSpace ? Errc::kNoSpace : Errc::kUnavailable,
                    "the stores take no data now: " + stored.error().message,
                    {}};
    gave_up = stopping;
    if (!gave_up) changed.wait_for(mutex, wait);
  }
  if (offset > tap_offset) {
    tap(batch, offset);
    tap_offset = offset;
  }
  Lock lock(mutex);
  if (batch.id) watermarks.advance(*batch.id);
  counts.applied_offset = offset;
  count(batch);
  return true;
}

/// What no store will ever understand must not stop all that comes after it.
Result<void> Intake::Impl::erase(AccountId account, const SeriesErasure& erasure, bus::Offset offset) const {
  const auto done = stores.series.erase(account, erasure, offset);
  if (done || done.error().code != Errc::kInvalid) return done;
  log::error(kLog, "a deletion in journal record {} is passed over: {}", offset, describe(done.error()));
  return {};
}

Result<void> Intake::Impl::store(const Batch& batch, bus::Offset offset) const {
  if (offset > stores.series.durable_offset()) {
    if (!batch.samples.empty()) SENT_TRY(stores.series.append(batch.account, batch.samples, offset));
    for (const SeriesErasure& erasure : batch.erasures) SENT_TRY(erase(batch.account, erasure, offset));
  }
  if (!batch.logs.empty() && offset > stores.logs.durable_offset())
    SENT_TRY(stores.logs.append(batch.account, batch.logs, offset));
  if (!batch.events.empty() && offset > stores.events.durable_offset())
    SENT_TRY(stores.events.append(batch.account, batch.events, offset));
  return {};
}

void Intake::Impl::count(const Batch& batch) {
  if (batch.tick) return;
  ++counts.batches;
  counts.samples += batch.samples.size();
  counts.log_records += batch.logs.size();
  counts.events += batch.events.size();
  counts.reports += batch.reports.size();
}

/// The saved watermarks must not be ahead of any consumer: a replay decides anew which batches are
/// duplicates. So the table of this moment is written by the next checkpoint, when everyone has certainly
/// passed it.
Result<void> Intake::Impl::checkpoint(bus::Offset tap_stored) {
  std::string save, next;
  bus::Offset save_offset = 0, next_offset = 0;
  {
    Lock lock(mutex);
    save = snapshot;
    save_offset = snapshot_offset;
    next_offset = counts.applied_offset;
    next = watermarks.encode(next_offset);
  }
  SENT_TRY(stores.series.flush());
  SENT_TRY(stores.logs.flush());
  SENT_TRY(stores.events.flush());
  // The series store may keep the journal for longer than one checkpoint.
  const bool passed = save_offset <= tap_stored && save_offset < stores.series.needed_from();
  if (!save.empty() && passed) {
    SENT_TRY(write_file_atomic(watermark_file, save, 0600));
    journal.truncate_before(save_offset + 1);
  }
  Lock lock(mutex);
  if (save.empty() || passed) {
    snapshot = std::move(next);
    snapshot_offset = next_offset;
  }
  return {};
}

Intake::Intake() = default;

Result<std::unique_ptr<Intake>> Intake::open(bus::Journal& journal, Stores stores, Tap tap,
                                             bus::Offset tap_offset,
                                             const std::filesystem::path& watermark_file) {
  std::unique_ptr<Intake> intake(new Intake());
  intake->impl_ = std::make_unique<Impl>(journal, stores, std::move(tap), tap_offset, watermark_file);
  SENT_TRY(intake->impl_->replay());
  intake->impl_->applier = std::thread([impl = intake->impl_.get()] { impl->run(); });
  return intake;
}

Intake::~Intake() {
  if (!impl_->applier.joinable()) return;
  {
    Lock lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->changed.notify_all();
  impl_->applier.join();
  for (const auto& flushed :
       {impl_->stores.series.flush(), impl_->stores.logs.flush(), impl_->stores.events.flush()})
    if (!flushed)
      log::error(kLog, "the journal will replay what could not be flushed: {}", describe(flushed.error()));
}

Unresolved Intake::resolve(Batch& batch) {
  return impl_->resolve(batch);
}

void Intake::submit(Batch batch, Until until, Done done) {
  impl_->submit(std::move(batch), until, std::move(done));
}

Result<void> Intake::checkpoint(bus::Offset tap_offset) {
  return impl_->checkpoint(tap_offset);
}

IntakeStatistics Intake::statistics() const {
  IntakeStatistics counts;
  {
    Lock lock(impl_->mutex);
    counts = impl_->counts;
  }
  counts.journal_bytes = impl_->journal.size_bytes();
  return counts;
}

}  // namespace sentinella::ingest
