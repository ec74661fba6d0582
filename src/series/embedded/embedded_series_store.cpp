#include "series/embedded/embedded_series_store.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <span>
#include <unordered_set>

#include "base/file_copy.h"
#include "base/log.h"
#include "kv/database.h"
#include "series/embedded/aging.h"
#include "series/embedded/chunk_erasure.h"
#include "series/embedded/chunk_rows.h"
#include "series/embedded/head_snapshot.h"
#include "series/embedded/instant_fold.h"
#include "series/embedded/label_rows.h"
#include "series/embedded/sample_head.h"
#include "series/embedded/sealer.h"
#include "series/embedded/series_reader.h"
#include "series/embedded/series_registry.h"

namespace sentinella::series {
namespace {

constexpr std::string_view kLog = "series";
constexpr std::uint32_t kFormatVersion = 3;
/// Sealed samples in memory that wait for the disk; above, appending waits as well.
constexpr std::size_t kMaxWaitingBytes = 256u << 20;
/// A snapshot is written when a quarter of the head is new, when the head is small, or at every so manyth
/// flush.
constexpr std::size_t kSmallHead = 100'000;
constexpr unsigned kFlushesPerSnapshot = 30;
/// What a few times is, in Limits::in_memory.
constexpr std::size_t kCandidatesPerSeries = 64;
constexpr std::size_t kSavedAtOnce = 8 * kDefinitionsPerRow;

class EmbeddedSeriesStore final : public SeriesStore {
 public:
  explicit EmbeddedSeriesStore(EmbeddedSeriesOptions options)
      : options_(std::move(options)),
        registry_(options_.max_series_per_account),
        head_(registry_, options_.late_window, [this](Sealed sealed) { sealer_->add(std::move(sealed)); }) {}

  Result<void> open() {
    SENT_TRY_ASSIGN(db_, kv::Database::open({options_.directory, "series store", kFormatVersion}));
    rows_ = std::make_unique<ChunkRows>(*db_);
    SENT_TRY(rows_->open());
    reader_ = std::make_unique<SeriesReader>(head_, *rows_);
    sealer_ = std::make_unique<Sealer>(*rows_, [this](const auto& written) { head_.forget(written); });
    std::vector<Slot> fresh;
    SENT_TRY(load_definitions(*db_, [&](AccountId account, const std::vector<SeriesDefinition>& definitions) {
      return registry_.define(account, definitions, fresh);
    }));
    aging_ = std::make_unique<Aging>(*db_, *rows_, *reader_, registry_);
    SENT_TRY(aging_->open());
    return load_snapshot();
  }

  // ---- the way in

  Result<Resolved> resolve(AccountId account, std::string_view canonical, SeriesKind kind) override {
    return registry_.resolve(account, canonical, kind);
  }
  std::uint64_t epoch() const override { return registry_.epoch(); }
  bool are_defined(std::span<const SeriesId> ids) const override { return registry_.are_defined(ids); }

  Result<AppendReport> append(AccountId account, const SampleBlock& block,
                              std::uint64_t journal_offset) override {
    if (sealer_->waiting_bytes() > kMaxWaitingBytes) SENT_TRY(sealer_->drain());
    const std::lock_guard lock(append_mutex_);
    SENT_TRY(registry_.define(account, block.defined, fresh_));
    AppendReport report;
    head_.append(account, block, {horizon_}, journal_offset, report);
    if (head_.bytes() > options_.max_head_bytes)
      head_.shrink(options_.max_head_bytes / 4 * 3, journal_offset);
    samples_since_snapshot_ += block.size();
    applied_offset_ = std::max(applied_offset_.load(), journal_offset);
    return report;
  }

  Result<void> erase(AccountId account, const SeriesErasure& erasure, std::uint64_t journal_offset) override {
    const Selector selector{erasure.matchers};
    SENT_TRY(check_selector(selector));
    const std::lock_guard one_at_a_time(maintenance_);
    const std::lock_guard lock(append_mutex_);
    SENT_TRY_ASSIGN(const auto found, registry_.find(account, selector, SIZE_MAX));
    SENT_TRY(sealer_->drain());
    for (const FoundSeries& series : found) SENT_TRY(erase_range(account, series, erasure.range));
    applied_offset_ = std::max(applied_offset_.load(), journal_offset);
    return {};
  }

  // ---- reading

  std::shared_ptr<const Labels> labels(AccountId account, SeriesId id) const override {
    return registry_.labels(account, id);
  }

  Result<std::vector<SeriesColumns>> select(AccountId account, const Selector& selector, TimeRange range,
                                            const Limits& limits) const override {
    range.from = std::max(range.from, Time{horizon_});
    return columns_of(account, selector, limits, [&](const FoundSeries& series, const Limits& left) {
      return reader_->read(account, series, range, left);
    });
  }

  Result<std::vector<SeriesColumns>> windows(AccountId account, const Selector& selector,
                                             const Windows& windows, WindowFunction function,
                                             const Limits& limits) const override {
    SENT_TRY(range_of(windows));
    return columns_of(account, selector, limits, [&](const FoundSeries& series, const Limits& left) {
      return reader_->windows(account, series, windows, function, left);
    });
  }

  Result<std::vector<InstantSample>> instants(AccountId account, const Selector& selector, Time at,
                                              Duration lookback, const Limits& limits) const override {
    SENT_TRY(check_selector(selector));
    SENT_TRY_ASSIGN(const auto newest, newest_of(account, selector, at, lookback, limits));
    std::vector<InstantSample> instants;
    instants.reserve(newest.size());
    registry_.with_labels(account, [&](const LabelIndex& labels) {
      for (const Newest& one : newest) {
        const Series& series = registry_.slab()[one.series.slot];
        if (series.id != one.series.id) continue;
        instants.push_back({one.series.id, one.series.kind,
                            std::make_shared<const Labels>(labels.labels(series)), one.at, one.value});
      }
    });
    return instants;
  }

  Result<std::vector<FoldedGroup>> fold_instants(AccountId account, const Selector& selector, Time at,
                                                 Duration lookback, const Grouping& grouping,
                                                 const Limits& limits) const override {
    SENT_TRY(check_selector(selector));
    const Time after = begin_of(at, lookback);
    std::vector<FoldedGroup> groups;
    std::vector<FoundSeries> look_closer;
    SENT_TRY(registry_.find(account, selector, limits.max_series, candidates(limits),
                            [&](const LabelIndex& labels, std::span<const Slot> slots) {
                              InstantFold fold(labels, grouping);
                              head_.each(slots, [&](Slot slot, const Series& series) {
                                const auto newest = SampleHead::newest_until(series, at);
                                if (!newest)
                                  look_closer.push_back({slot, series.id, series.kind});
                                else if (newest->at > after && !is_stale(newest->value))
                                  fold.add(series, newest->value);
                              });
                              groups = fold.take();
                            }));
    if (look_closer.empty()) return groups;
    // One of these may belong to a group of those: all are folded again, when all are known.
    return fold_found(account, selector, at, lookback, grouping, limits);
  }

  Result<std::vector<Labels>> find(AccountId account, const Selector& selector,
                                   std::size_t max_series) const override {
    SENT_TRY_ASSIGN(const auto found, alive(account, selector, max_series));
    std::vector<Labels> labels;
    labels.reserve(found.size());
    each_series(account, found, [&](const LabelIndex& index, const Series& series) {
      labels.push_back(index.labels(series));
    });
    return labels;
  }

  Result<std::vector<std::string>> label_names(AccountId account, const Selector& selector) const override {
    SENT_TRY_ASSIGN(const auto found, alive(account, selector, SIZE_MAX));
    std::unordered_set<NameId> ids;
    std::vector<std::string> names;
    each_series(account, found, [&](const LabelIndex& index, const Series& series) {
      for (const PairId pair : index.pairs(series))
        if (ids.insert(index.name_of(pair)).second) names.emplace_back(index.name(index.name_of(pair)));
    });
    std::ranges::sort(names);
    return names;
  }

  Result<std::vector<std::string>> label_values(AccountId account, std::string_view name,
                                                const Selector& selector) const override {
    SENT_TRY_ASSIGN(const auto found, alive(account, selector, SIZE_MAX));
    std::unordered_set<PairId> pairs{0};
    std::vector<std::string> values;
    NameId id = kNoName;
    registry_.with_labels(account, [&](const LabelIndex& index) { id = index.find_name(name); });
    if (id == kNoName) return values;
    each_series(account, found, [&](const LabelIndex& index, const Series& series) {
      if (const PairId pair = index.pair_of(series, id); pairs.insert(pair).second)
        values.emplace_back(index.value(pair));
    });
    std::ranges::sort(values);
    return values;
  }

  std::vector<MetricKind> metric_kinds(AccountId account) const override {
    std::vector<MetricKind> kinds;
    registry_.with_labels(account, [&](const LabelIndex& index) {
      const NameId name = index.find_name(kMetricName);
      if (name == kNoName) return;
      for (const PairId pair : index.pairs_of(name))
        kinds.push_back({std::string(index.value(pair)), registry_.slab()[index.one_with(pair)].kind});
    });
    std::ranges::sort(kinds, {}, &MetricKind::name);
    return kinds;
  }

  // ---- keeping

  std::uint64_t durable_offset() const override { return durable_offset_; }
  std::uint64_t needed_from() const override {
    const std::uint64_t durable = durable_offset_;
    return applied_offset_ > durable ? durable + 1 : UINT64_MAX;
  }

  Result<void> flush() override {
    const std::lock_guard one_at_a_time(maintenance_);
    sealer_->retry();
    std::vector<Slot> fresh;
    std::uint64_t offset = 0;
    std::optional<SnapshotWriter> snapshot;
    if (const std::lock_guard lock(append_mutex_); applied_offset_ != durable_offset_ && worth_a_snapshot()) {
      offset = applied_offset_;
      SENT_TRY_ASSIGN(snapshot, SnapshotWriter::create(snapshot_path(), {offset, registry_.last_id()}));
      SENT_TRY(write_snapshot(*snapshot));
      fresh.swap(fresh_);
      samples_since_snapshot_ = 0;
    }
    if (!snapshot) {
      pack();
      return {};
    }
    auto done = save(fresh);
    if (done) done = sealer_->drain();
    if (done) done = db_->sync();
    if (done) done = snapshot->finish();
    if (!done) {
      const std::lock_guard lock(append_mutex_);
      fresh_.insert(fresh_.end(), fresh.begin(), fresh.end());
      flushes_ = kFlushesPerSnapshot;
      return done;
    }
    durable_offset_ = offset;
    packed_ = false;
    return {};
  }

  Result<void> enforce(const Retention& retention, Time now) override {
    std::unique_lock one_at_a_time(maintenance_);
    const Cutoffs cutoffs(registry_, *rows_, retention, now);
    horizon_ = cutoffs.general().dropped.ns;
    SENT_TRY(aging_->drop(cutoffs));
    SENT_TRY(rows_->drop_empty_hours());
    // What is sealed but not written belongs to series that may be retired: not before it is on disk.
    SENT_TRY(sealer_->drain());
    SENT_TRY(retire(cutoffs));
    if (retention.raw_age >= retention.max_age && retention.limits.empty()) return {};
    return aging_->roll_up(retention, cutoffs, durable_offset_, one_at_a_time);
  }

  /// As flush() leaves it, but for chunks that were sealed since: a replay writes those again.
  Result<void> copy_to(const std::filesystem::path& directory) const override {
    const std::lock_guard nothing_is_kept_or_dropped(maintenance_);
    SENT_TRY(db_->copy_to(directory));
    if (std::error_code ignored; !std::filesystem::exists(snapshot_path(), ignored)) return {};
    SENT_TRY(copy_durably(snapshot_path(), directory / snapshot_path().filename()));
    return sync_directory(directory);
  }

  Statistics statistics() const override {
    return {registry_.size(), head_.samples(),     db_->bytes_on_disk(),
            head_.bytes(),    registry_.refused(), reader_->damaged_chunks()};
  }

 private:
  struct Newest {
    FoundSeries series;
    Time at;
    double value = 0;
  };

  std::filesystem::path snapshot_path() const { return options_.directory / "head"; }

  // ---- opening

  Result<void> load_snapshot() {
    std::size_t unknown = 0;
    SENT_TRY_ASSIGN(const auto report, read_snapshot(snapshot_path(), [&](RestoredSeries series) {
                      const Slot slot = registry_.slot_of(series.id);
                      if (slot == kNoSlot)
                        ++unknown;
                      else
                        head_.restore(slot, std::move(series.open), std::move(series.late), series.flags);
                    }));
    if (!report) return {};
    if (report->damaged_blocks + unknown > 0)
      log::error(kLog,
                 "{}: {} blocks are damaged and {} series have no labels; their newest samples are lost",
                 snapshot_path().string(), report->damaged_blocks, unknown);
    registry_.skip_ids(report->header.last_id);
    durable_offset_ = report->header.journal_offset;
    applied_offset_ = report->header.journal_offset;
    return {};
  }

  // ---- reading

  /// Asks at every so manyth beat whether the reading is to go on.
  class Pulse {
   public:
    explicit Pulse(const Limits& limits) : limits_(limits) {}
    Result<void> beat() {
      return ++beats_ % 64 == 0 && limits_.interrupted ? limits_.interrupted() : Result<void>{};
    }

   private:
    const Limits& limits_;
    unsigned beats_ = 0;
  };

  Result<std::vector<FoundSeries>> find_series(AccountId account, const Selector& selector,
                                               const Limits& limits) const {
    return registry_.find(account, selector, limits.max_series, candidates(limits));
  }
  static std::size_t candidates(const Limits& limits) {
    return limits.in_memory ? limits.max_series * kCandidatesPerSeries : SIZE_MAX;
  }
  /// What is newer than this counts at an instant.
  Time begin_of(Time at, Duration lookback) const {
    return std::max(at - lookback, Time{std::max(horizon_.load(), INT64_MIN + 1) - 1});
  }

  template <typename Read>
  Result<std::vector<SeriesColumns>> columns_of(AccountId account, const Selector& selector,
                                                const Limits& limits, Read read) const {
    SENT_TRY(check_selector(selector));
    SENT_TRY_ASSIGN(const auto found, find_series(account, selector, limits));
    std::vector<SeriesColumns> all;
    Limits left = limits;
    Pulse pulse(limits);
    for (const FoundSeries& series : found) {
      SENT_TRY(pulse.beat());
      SENT_TRY_ASSIGN(Columns columns, read(series, left));
      if (columns.empty()) continue;
      left.max_samples -= std::min(left.max_samples, columns.size());
      all.push_back({registry_.labels(account, series), series.kind, std::move(columns.times),
                     std::move(columns.values)});
    }
    return all;
  }

  /// Series that have samples within retention; those whose samples were all erased have none.
  Result<std::vector<FoundSeries>> alive(AccountId account, const Selector& selector,
                                         std::size_t max_series) const {
    SENT_TRY_ASSIGN(const auto found, registry_.find(account, selector, max_series));
    std::vector<FoundSeries> alive;
    alive.reserve(found.size());
    head_.each(found, [&](std::size_t i, const Series& series) {
      if (const Time at = series.open.last_at(); at.ns != INT64_MIN && at.ns >= horizon_)
        alive.push_back(found[i]);
    });
    return alive;
  }

  template <typename Use>
  void each_series(AccountId account, const std::vector<FoundSeries>& found, Use use) const {
    registry_.with_labels(account, [&](const LabelIndex& index) {
      for (const FoundSeries& series : found)
        if (registry_.slab()[series.slot].id == series.id) use(index, registry_.slab()[series.slot]);
    });
  }

  Result<std::vector<Newest>> newest_of(AccountId account, const Selector& selector, Time at,
                                        Duration lookback, const Limits& limits) const {
    SENT_TRY_ASSIGN(const auto found, find_series(account, selector, limits));
    const Time after = begin_of(at, lookback);
    std::vector<Newest> newest;
    newest.reserve(found.size());
    std::vector<FoundSeries> look_closer;
    head_.each(found, [&](std::size_t i, const Series& series) {
      const auto sample = SampleHead::newest_until(series, at);
      if (!sample)
        look_closer.push_back(found[i]);
      else if (sample->at > after && !is_stale(sample->value))
        newest.push_back({found[i], sample->at, sample->value});
    });
    Pulse pulse(limits);
    for (const FoundSeries& series : look_closer) {
      SENT_TRY(pulse.beat());
      SENT_TRY_ASSIGN(const Columns columns,
                      reader_->read(account, series, {after + Duration(1), at + Duration(1)}, limits));
      if (!columns.empty() && !is_stale(columns.values.back()))
        newest.push_back({series, columns.times.back(), columns.values.back()});
    }
    return newest;
  }

  Result<std::vector<FoldedGroup>> fold_found(AccountId account, const Selector& selector, Time at,
                                              Duration lookback, const Grouping& grouping,
                                              const Limits& limits) const {
    SENT_TRY_ASSIGN(const auto newest, newest_of(account, selector, at, lookback, limits));
    std::vector<FoldedGroup> groups;
    registry_.with_labels(account, [&](const LabelIndex& labels) {
      InstantFold fold(labels, grouping);
      for (const Newest& one : newest)
        if (const Series& series = registry_.slab()[one.series.slot]; series.id == one.series.id)
          fold.add(series, one.value);
      groups = fold.take();
    });
    return groups;
  }

  // ---- writing

  bool worth_a_snapshot() {
    const std::size_t head = head_.samples();
    const bool worth =
        head < kSmallHead || samples_since_snapshot_ >= head / 4 || ++flushes_ >= kFlushesPerSnapshot;
    if (worth) flushes_ = 0;
    return worth;
  }

  Result<void> write_snapshot(SnapshotWriter& snapshot) {
    const SeriesSlab& slab = registry_.slab();
    for (Slot slot = 0; slot < slab.end(); ++slot) {
      Result<void> added;
      head_.visit(slot, [&](const SampleHead::State& state) {
        if ((state.flags & kIndexed) != 0) added = snapshot.add(slab[slot].id, state);
      });
      SENT_TRY(added);
    }
    return {};
  }

  /// As long as samples come fast, one snapshot follows the other: the last is packed when it stays.
  void pack() {
    const auto done = packed_ ? Result<void>{} : pack_snapshot(snapshot_path());
    if (!done) log::warning(kLog, "the snapshot stays as large as it is: {}", describe(done.error()));
    packed_ = done.has_value();
  }

  /// None of them can be retired meanwhile: that takes maintenance_. Some at a time: their texts take memory.
  Result<void> save(std::span<const Slot> fresh) {
    const SeriesSlab& slab = registry_.slab();
    while (!fresh.empty()) {
      const auto some = fresh.first(std::min(fresh.size(), kSavedAtOnce));
      Definitions definitions;
      for (const Slot slot : some) {
        const Series& series = slab[slot];
        definitions[series.account].push_back({series.id, series.kind, registry_.canonical(slot)});
      }
      SENT_TRY(save_definitions(*db_, std::move(definitions)));
      fresh = fresh.subspan(some.size());
    }
    return {};
  }

  /// Deletes the range from memory and disk; nothing of the series waits between the two.
  Result<void> erase_range(AccountId account, const FoundSeries& series, TimeRange range) {
    head_.erase(series.slot, range);
    std::vector<ChunkKey> gone;
    std::vector<NewChunk> left;
    const Time reach =
        range.until.ns > INT64_MAX - kMaxChunkSpan.count() ? Time{INT64_MAX} : range.until + kMaxChunkSpan;
    SENT_TRY(
        rows_->scan(account, series.id, range.from, reach, [&](const ChunkKey& key, std::string_view bytes) {
          auto rest = chunk_without(bytes, range);
          if (!rest) {
            reader_->damaged(account, series.id, rest.error());
          } else if (rest->bytes != bytes) {
            gone.push_back(key);
            if (!rest->bytes.empty())
              left.push_back({account, series.id, key.rank, rest->last, std::move(rest->bytes)});
          }
          return true;
        }));
    SENT_TRY(rows_->replace(account, gone, left));
    return remember_newest(account, series);
  }

  /// The newest sample may have been erased.
  Result<void> remember_newest(AccountId account, const FoundSeries& series) {
    SENT_TRY_ASSIGN(const auto newest, rows_->newest(account, series.id));
    const Time from = newest ? newest->last : Time{INT64_MIN};
    SENT_TRY_ASSIGN(const Columns columns,
                    reader_->read(account, series, {from, {INT64_MAX}}, {.max_samples = SIZE_MAX}));
    if (columns.empty())
      head_.remember(series.slot, {INT64_MIN}, 0);
    else
      head_.remember(series.slot, columns.times.back(), columns.values.back());
    return {};
  }

  // ---- retention

  /// A series without a sample left is doomed at first, and forgotten when the next time it still has none:
  /// by then every batch that was on its way has come, or defines the series anew.
  Result<void> retire(const Cutoffs& cutoffs) {
    const std::lock_guard lock(append_mutex_);
    SeriesSlab& slab = registry_.slab();
    std::vector<Slot> doomed, over;
    std::map<AccountId, std::unordered_set<SeriesId>> ids;
    for (Slot slot = 0; slot < slab.end(); ++slot) {
      Lock slot_lock(slab.lock_of(slot));
      const Series& series = slab[slot];
      if (series.id == SeriesId{} || series.open.last_at() >= cutoffs.of(series.id).dropped) continue;
      if ((series.flags & kDoomed) == 0) {
        doomed.push_back(slot);
        continue;
      }
      over.push_back(slot);
      ids[series.account].insert(series.id);
    }
    for (const auto& [account, gone] : ids) SENT_TRY(erase_definitions(*db_, account, gone));
    for (const Slot slot : over) head_.drop(slot);
    const std::unordered_set<Slot> gone(over.begin(), over.end());
    std::erase_if(fresh_, [&](Slot slot) { return gone.contains(slot); });
    registry_.retire(over);
    registry_.doom(doomed);
    return {};
  }

  const EmbeddedSeriesOptions options_;
  std::unique_ptr<kv::Database> db_;
  std::unique_ptr<ChunkRows> rows_;
  SeriesRegistry registry_;
  SampleHead head_;
  std::unique_ptr<SeriesReader> reader_;
  std::unique_ptr<Aging> aging_;
  std::unique_ptr<Sealer> sealer_;  // after what it writes to and tells

  std::atomic<std::uint64_t> applied_offset_ = 0, durable_offset_ = 0;
  std::atomic<std::int64_t> horizon_ = INT64_MIN;  // older samples are neither taken nor shown

  /// One flush, enforce, erase or copy at a time; taken before append_mutex_; guards
  mutable std::mutex maintenance_;
  bool packed_ = false;      // the snapshot is, or there is none
  std::mutex append_mutex_;  // makes its holder the appending thread; guards what follows
  std::vector<Slot> fresh_;  // findable, but not on disk yet
  std::size_t samples_since_snapshot_ = 0;
  unsigned flushes_ = 0;
};

}  // namespace

Result<std::unique_ptr<SeriesStore>> open_embedded_series_store(EmbeddedSeriesOptions options) {
  auto store = std::make_unique<EmbeddedSeriesStore>(std::move(options));
  SENT_TRY(store->open());
  return store;
}

}  // namespace sentinella::series
