#include "ingest/intake.h"

#include <algorithm>
#include <thread>

#include <malloc.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/text.h"
#include "codec/batch_codec.h"
#include "codec/log_parser.h"
#include "ingest/watermarks.h"

namespace sentinella::ingest {
namespace {

constexpr std::string_view kLog = "ingest";
/// Encoded, durable or on its way there, but not yet in the stores. In memory a batch takes several times as
/// much.
constexpr std::size_t kMaxPendingBytes = 32u << 20;
/// From here on answers wait until the batch is in the stores: whoever waits for them slows down.
constexpr std::size_t kSlowDownBytes = 4u << 20;
/// After this much growth malloc is asked to give back to the system what is free.
constexpr std::size_t kUntrimmedBytes = 32u << 20;
/// How long samples alone wait for company: so seldom the applying thread is woken.
constexpr Duration kGather = 4ms;
constexpr std::size_t kGatheredBytes = 1u << 20;  ///< enough company
constexpr Duration kMaxRetryWait = 5s;
constexpr Duration kProgressEvery = 2s;

struct Pending {
  bus::Offset offset = 0;
  std::size_t bytes = 0;
  Batch batch;
  Intake::Done applied;  ///< empty: the caller has its answer already
  bool must_be_applied = false;
};

/// What rules may turn into an alert, or somebody waits for. Samples are looked at from time to time anyway.
bool is_urgent(const Pending& pending) {
  const Batch& batch = pending.batch;
  return pending.applied || batch.tick || !batch.logs.empty() || !batch.events.empty() ||
         !batch.reports.empty() || !batch.signals.empty();
}

}  // namespace

struct Intake::Impl {
  Impl(bus::Journal& j, Stores s, Tap t, bus::Offset tap_seen, std::filesystem::path file,
       codec::LogFormatRules rules)
      : journal(j),
        stores(s),
        tap(std::move(t)),
        tap_offset(tap_seen),
        watermark_file(std::move(file)),
        formats(std::move(rules)) {}

  bus::Journal& journal;
  const Stores stores;
  const Tap tap;
  bus::Offset tap_offset;  ///< the tap has seen all up to here; touched by the applying thread only
  const std::filesystem::path watermark_file;
  const codec::LogFormatRules formats;
  LogCensus census;

  mutable Mutex mutex;
  CondVar changed;
  std::vector<Pending> queue SENT_GUARDED_BY(mutex);
  bool urgent SENT_GUARDED_BY(mutex) = false;  ///< something in the queue is
  enum class Waits : std::uint8_t { no, for_work, for_company };
  Waits applier_waits SENT_GUARDED_BY(mutex) = Waits::no;
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
  bool collect(std::vector<Pending>& gathered);
  bool enough_gathered() const SENT_REQUIRES(mutex);
  void wake_applier() SENT_REQUIRES(mutex);
  bool apply(const Batch& batch, bus::Offset offset, std::size_t bytes = 0);
  Result<void> erase(AccountId account, const SeriesErasure& erasure, bus::Offset offset) const;
  Result<void> store(const Batch& batch, bus::Offset offset) const;
  void count(const Batch& batch) SENT_REQUIRES(mutex);
  Result<void> checkpoint(bus::Offset tap_stored);
  void trim_memory();
  std::size_t resident_after_trim = 0;  ///< of whoever makes checkpoints
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
        for (LogRecord& line : batch->logs) codec::find_request_again(line);
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
  formats.apply(batch.logs);
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

/// In offset order, one at a time.
void Intake::Impl::durable(Pending pending, Until until, Done done, Result<bus::Offset> offset) {
  {
    Lock lock(mutex);
    --appending;
    if (offset) {
      counts.last_offset = pending.offset = *offset;
      pending.must_be_applied = until == Until::applied;
      if (pending.must_be_applied || pending_bytes >= kSlowDownBytes)
        pending.applied = std::exchange(done, {});
      urgent = urgent || is_urgent(pending);
      queue.push_back(std::move(pending));
    } else {
      pending_bytes -= pending.bytes;
      ++counts.refused;
    }
    wake_applier();
  }
  if (done) done(std::move(offset));
}

bool Intake::Impl::enough_gathered() const {
  return urgent || stopping || pending_bytes >= kGatheredBytes;
}

void Intake::Impl::wake_applier() {
  if (applier_waits == Waits::no || (applier_waits == Waits::for_company && !enough_gathered())) return;
  applier_waits = Waits::no;
  changed.notify_all();
}

/// Waits for work, then for company. False: there will be no more.
bool Intake::Impl::collect(std::vector<Pending>& gathered) {
  Lock lock(mutex);
  while (queue.empty() && !(stopping && appending == 0)) {
    applier_waits = Waits::for_work;
    changed.wait(mutex);
  }
  if (queue.empty()) return false;
  applier_waits = Waits::for_company;
  changed.wait_for(mutex, kGather, [&] { return enough_gathered(); });
  applier_waits = Waits::no;
  gathered.swap(queue);
  urgent = false;
  return true;
}

void Intake::Impl::run() {
  for (std::vector<Pending> gathered; collect(gathered); gathered.clear()) {
    for (Pending& pending : gathered) {
      const bool applied = apply(pending.batch, pending.offset, pending.bytes);
      if (!pending.applied) continue;
      if (applied || !pending.must_be_applied)
        pending.applied(pending.offset);
      else
        pending.applied(
            fail(Errc::kUnavailable, "the server is stopping; the data is safe and will be applied"));
    }
  }
}

/// False: the server stops before a store would take it.
bool Intake::Impl::apply(const Batch& batch, bus::Offset offset, std::size_t bytes) {
  if (batch.id) {
    Lock lock(mutex);
    if (watermarks.seen(*batch.id)) {
      pending_bytes -= bytes;
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
  census.count(batch.account, batch.logs);
  if (offset > tap_offset) {
    tap(batch, offset);
    tap_offset = offset;
  }
  Lock lock(mutex);
  pending_bytes -= bytes;
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

/// 0: not known.
std::size_t resident_bytes() {
  const auto pages = read_file("/proc/self/statm");
  const auto words = pages ? split(*pages, ' ') : std::vector<std::string_view>{};
  const auto resident = words.size() > 1 ? parse_uint(words[1]) : std::nullopt;
  return resident.value_or(0) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Peaks of intake leave holes in the memory of several threads, which malloc gives back only when asked.
void Intake::Impl::trim_memory() {
  const std::size_t now = resident_bytes();
  if (now > resident_after_trim + kUntrimmedBytes) {
    ::malloc_trim(kUntrimmedBytes / 8);
    resident_after_trim = resident_bytes();
  }
  resident_after_trim = std::min(resident_after_trim, now);
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
  trim_memory();
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
                                             const std::filesystem::path& watermark_file,
                                             codec::LogFormatRules formats) {
  std::unique_ptr<Intake> intake(new Intake());
  intake->impl_ =
      std::make_unique<Impl>(journal, stores, std::move(tap), tap_offset, watermark_file, std::move(formats));
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

const LogCensus& Intake::log_census() const {
  return impl_->census;
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
