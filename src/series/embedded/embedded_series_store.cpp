#include "series/embedded/embedded_series_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <unordered_map>

#include "base/mutex.h"
#include "kv/database.h"
#include "series/embedded/chunk_codec.h"
#include "series/embedded/plain_reads.h"
#include "series/embedded/series_head.h"
#include "series/embedded/series_index.h"
#include "series/embedded/series_rows.h"

namespace sentinella::series {
namespace {

constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kWriteBytes = 4u << 20;
/// Sealed chunks held in memory while the disk refuses them; above, appends are refused too.
constexpr std::size_t kMaxUnwrittenBytes = 256u << 20;

class EmbeddedSeriesStore final : public SeriesStore {
 public:
  explicit EmbeddedSeriesStore(EmbeddedSeriesOptions options) : options_(std::move(options)) {}

  Result<void> open() {
    SENT_TRY_ASSIGN(db_, kv::Database::open({options_.directory, "series store", kFormatVersion}));
    SENT_TRY_ASSIGN(durable_offset_, db_->get_number(meta_key("offset")));
    applied_offset_ = durable_offset_.load();
    SENT_TRY_ASSIGN(next_id_, db_->get_number(meta_key("next id")));
    SENT_TRY_ASSIGN(sequence_, db_->get_number(meta_key("sequence")));
    SENT_TRY(load_hours());
    return load_accounts();
  }

  Result<Resolved> resolve(AccountId account, std::string_view canonical, SeriesKind kind) override {
    const std::string key(canonical);
    if (const auto found = index_.get(account, key)) return Resolved{SeriesId{found->id}, !found->defined};
    const std::lock_guard lock(adding_);
    if (const auto found = index_.get(account, key)) return Resolved{SeriesId{found->id}, !found->defined};
    if (index_.size(account) >= options_.max_series_per_account) {
      ++refused_series_;
      return fail(Errc::kTooLarge, "the account has {} series, as many as it may",
                  options_.max_series_per_account);
    }
    auto labels = Labels::from_canonical(canonical);
    if (!labels) return fail(Errc::kInvalid, "labels of {} bytes are not in canonical form", key.size());
    const auto series = std::make_shared<Series>(++next_id_, account, *std::move(labels), kind);
    index_.add(series);
    return Resolved{SeriesId{series->id}, true};
  }

  std::uint64_t epoch() const override { return epoch_; }

  Result<AppendReport> append(AccountId account, const SampleBlock& block,
                              std::uint64_t journal_offset) override {
    if (unwritten_bytes_ > kMaxUnwrittenBytes)
      return fail(Errc::kNoSpace, "{} bytes of sealed chunks wait for {}", unwritten_bytes_.load(),
                  options_.directory.string());
    const std::shared_lock no_removal(removal_);
    AppendReport report;
    for (const SeriesDefinition& definition : block.defined) {
      const std::lock_guard lock(adding_);
      auto series = index_.get(account, SeriesId{definition.id});
      if (!series) series = index_.get(account, definition.canonical);
      if (!series) {
        auto labels = Labels::from_canonical(definition.canonical);
        if (!labels) return fail(Errc::kCorrupt, "a definition is damaged");
        const auto id = static_cast<std::uint64_t>(definition.id);
        series = std::make_shared<Series>(id, account, *std::move(labels), definition.kind);
        next_id_ = std::max(next_id_.load(), id);
        index_.add(series);
      }
      series->defined = true;
    }
    for (std::size_t i = 0; i < block.size(); ++i) {
      const auto series = index_.get(account, block.ids[i]);
      if (!series) {
        ++report.refused;
        continue;
      }
      append_to(series, {block.times[i], block.values[i]}, report);
    }
    raise(applied_offset_, journal_offset);
    return report;
  }

  Result<void> erase(AccountId, const SeriesErasure&, std::uint64_t) override {
    return fail(Errc::kUnsupported, "deletion comes with the next form of the store");
  }

  std::shared_ptr<const Labels> labels(AccountId account, SeriesId id) const override {
    const auto series = index_.get(account, id);
    return series ? std::shared_ptr<const Labels>(series, &series->labels) : nullptr;
  }

  Result<std::vector<InstantSample>> instants(AccountId account, const Selector& selector, Time at,
                                              Duration lookback, const Limits& limits) const override {
    SENT_TRY_ASSIGN(auto columns,
                    select(account, selector, {at - lookback + Duration(1), at + Duration(1)}, limits));
    return plain_instants(std::move(columns));
  }
  Result<std::vector<FoldedGroup>> fold_instants(AccountId account, const Selector& selector, Time at,
                                                 Duration lookback, const Grouping& grouping,
                                                 const Limits& limits) const override {
    SENT_TRY_ASSIGN(const auto found, instants(account, selector, at, lookback, limits));
    return fold(found, grouping);
  }
  Result<std::vector<SeriesColumns>> windows(AccountId account, const Selector& selector,
                                             const Windows& windows, WindowFunction function,
                                             const Limits& limits) const override {
    SENT_TRY_ASSIGN(const TimeRange range, range_of(windows));
    SENT_TRY_ASSIGN(const auto columns, select(account, selector, range, limits));
    std::vector<SeriesColumns> out;
    for (const SeriesColumns& column : columns) {
      out.push_back(plain_windows(column, windows, function));
      if (out.back().times.empty()) out.pop_back();
    }
    return out;
  }
  Result<std::vector<std::string>> label_names(AccountId account, const Selector& selector) const override {
    SENT_TRY_ASSIGN(const auto found, index_.find(account, selector, SIZE_MAX - 1));
    std::set<std::string> names;
    for (const auto& series : found)
      for (const Label& label : series->labels) names.insert(label.name);
    return std::vector<std::string>(names.begin(), names.end());
  }
  Result<std::vector<std::string>> label_values(AccountId account, std::string_view name,
                                                const Selector& selector) const override {
    SENT_TRY_ASSIGN(const auto found, index_.find(account, selector, SIZE_MAX - 1));
    std::set<std::string> values;
    for (const auto& series : found)
      if (const auto value = series->labels.get(name); !value.empty()) values.emplace(value);
    return std::vector<std::string>(values.begin(), values.end());
  }
  std::vector<MetricKind> metric_kinds(AccountId account) const override {
    std::map<std::string, SeriesKind> kinds;
    if (const auto found = index_.find(account, {}, SIZE_MAX - 1))
      for (const auto& series : *found) kinds.emplace(series->labels.get(kMetricName), series->kind);
    std::vector<MetricKind> out;
    for (const auto& [name, kind] : kinds) out.push_back({name, kind});
    return out;
  }

  Result<std::vector<SeriesColumns>> select(AccountId account, const Selector& selector, TimeRange range,
                                            const Limits& limits) const override {
    SENT_TRY(check_selector(selector));
    SENT_TRY_ASSIGN(const auto found, index_.find(account, selector, limits.max_series));
    range.from = std::max(range.from, Time{horizon_});
    std::vector<SeriesColumns> columns;
    std::size_t total = 0;
    for (const auto& series : found) {
      SENT_TRY_ASSIGN(const auto samples, read(*series, range, limits.max_samples));
      if (samples.empty()) continue;
      total += samples.size();
      if (total > limits.max_samples)
        return fail(Errc::kTooLarge, "the query needs over {} samples: ask for less time or fewer series",
                    limits.max_samples);
      SeriesColumns& column = columns.emplace_back();
      column.labels = series->labels;
      column.kind = series->kind;
      column.times.reserve(samples.size());
      column.values.reserve(samples.size());
      for (const Sample& sample : samples)
        column.times.push_back(sample.at), column.values.push_back(sample.value);
    }
    return columns;
  }

  Result<std::vector<Labels>> find(AccountId account, const Selector& selector,
                                   std::size_t max_series) const override {
    SENT_TRY_ASSIGN(const auto found, index_.find(account, selector, max_series));
    std::vector<Labels> labels;
    labels.reserve(found.size());
    for (const auto& series : found) labels.push_back(series->labels);
    return labels;
  }

  std::uint64_t durable_offset() const override { return durable_offset_; }

  Result<void> flush() override {
    const std::lock_guard one_at_a_time(maintenance_);
    // Samples that arrive from here on may be written too; replaying them after a crash changes nothing.
    const std::uint64_t offset = applied_offset_;
    std::vector<std::shared_ptr<Series>> dirty;
    {
      const std::lock_guard lock(dirty_mutex_);
      dirty.swap(dirty_);
    }
    std::size_t done = 0;
    while (done < dirty.size()) {
      if (auto written = write_some(dirty, done); !written) {
        mark_dirty_again(std::span(dirty).subspan(done));
        return written;
      }
    }
    kv::WriteBatch last;
    last.put_number(meta_key("offset"), offset);
    SENT_TRY(db_->write(std::move(last), kv::Sync::yes));
    durable_offset_ = offset;
    return {};
  }

  Result<void> enforce(const Retention& retention, Time now) override {
    const std::lock_guard one_at_a_time(maintenance_);
    const Time cutoff = std::max(now - retention.max_age, cutoff_for_bytes(retention.max_bytes));
    horizon_ = cutoff.ns;
    for (const auto& series : index_.all()) {
      SENT_TRY(drop_chunks(*series, cutoff));
      SENT_TRY(drop_series_when_over(*series, cutoff));
    }
    return drop_empty_hours();
  }

  Statistics statistics() const override {
    return {index_.size(),        static_cast<std::uint64_t>(std::max<std::int64_t>(0, head_samples_)),
            db_->bytes_on_disk(), 0,
            refused_series_,      0};
  }

 private:
  // ---- opening

  Result<void> load_hours() {
    return db_->scan(hour_key(INT64_MIN), hour_key(INT64_MAX),
                     [&](std::string_view key, std::string_view value) {
                       kv::KeyReader reader(key);
                       reader.u32();
                       reader.tag();
                       hours_[reader.time().ns] = kv::KeyReader(value).u64();
                       return true;
                     });
  }

  /// Chunks lie between the rows that are read here; they are skipped.
  Result<void> load_accounts() {
    SENT_TRY_ASSIGN(const auto accounts, db_->leading_numbers());
    for (const std::uint32_t account : accounts) SENT_TRY(load_account(AccountId{account}));
    return {};
  }

  Result<void> load_account(AccountId account) {
    Result<void> outcome;
    std::unordered_map<std::uint64_t, std::shared_ptr<Series>> loaded;
    const auto each = [&](char kind, auto visit) {
      const std::string prefix = row_key(account, kind).take();
      auto done =
          db_->scan(prefix, kv::after_prefix(prefix), [&](std::string_view key, std::string_view row) {
            kv::KeyReader reader(key.substr(prefix.size()));
            outcome = visit(reader.u64(), row);
            return outcome.has_value();
          });
      return outcome ? done : outcome;
    };
    SENT_TRY(each('l', [&](std::uint64_t id, std::string_view row) -> Result<void> {
      SENT_TRY_ASSIGN(auto series, decode_labels_row(account, id, row));
      series->recorded = series->defined = true;
      loaded.emplace(id, series);
      index_.add(std::move(series));
      return {};
    }));
    return each('h', [&](std::uint64_t id, std::string_view row) -> Result<void> {
      const auto at = loaded.find(id);
      if (at == loaded.end()) return fail(Errc::kCorrupt, "series {} has samples but no labels", id);
      SENT_TRY(decode_head_row(row, *at->second));
      head_samples_ += static_cast<std::int64_t>(at->second->head.size());
      return {};
    });
  }

  // ---- appending

  void append_to(const std::shared_ptr<Series>& series, const Sample& sample, AppendReport& report) {
    const Lock lock(lock_of(*series));
    if (sample.at.ns < horizon_) {
      ++report.expired;
      return;
    }
    const bool is_new = put_sample(series->head, sample);
    ++(is_new ? report.stored : report.replaced);
    head_samples_ += is_new ? 1 : 0;
    series->newest = std::max(series->newest, sample.at);
    if (series->head.size() >= kChunkSamples) seal(*series);
    if (!series->dirty) {
      series->dirty = true;
      const std::lock_guard dirty_lock(dirty_mutex_);
      dirty_.push_back(series);
    }
  }

  void seal(Series& series) {
    for (const auto& piece : split_by_span(series.head)) {
      series.sealed.push_back({piece.front().at, piece.back().at, ++sequence_, encode_chunk(piece)});
      unwritten_bytes_ += series.sealed.back().bytes.size();
    }
    head_samples_ -= static_cast<std::int64_t>(series.head.size());
    series.head.clear();
  }

  // ---- reading

  Result<std::vector<Sample>> read(const Series& series, TimeRange range, std::size_t max_samples) const {
    if (range.from >= range.until) return std::vector<Sample>{};
    std::vector<Piece> pieces;
    std::size_t total = 0;
    Result<void> outcome;
    const auto take = [&](std::uint64_t sequence, Time first, Time last,
                          std::string_view bytes) -> Result<void> {
      if (first >= range.until || last < range.from) return {};
      SENT_TRY_ASSIGN(auto samples, decode_chunk(bytes));
      std::erase_if(samples, [&](const Sample& sample) { return !range.contains(sample.at); });
      total += samples.size();
      pieces.push_back({sequence, std::move(samples)});
      // Twice: what is sent again counts once in the answer, but takes room here.
      if (total / 2 > max_samples)
        return fail(Errc::kTooLarge, "the query needs over {} samples", max_samples);
      return {};
    };
    // Memory first: what moves to the disk meanwhile is then seen twice, not never.
    {
      const Lock lock(lock_of(series));
      Piece head{UINT64_MAX, {}};
      std::ranges::copy_if(series.head, std::back_inserter(head.samples),
                           [&](const Sample& sample) { return range.contains(sample.at); });
      pieces.push_back(std::move(head));
      for (const SealedChunk& chunk : series.sealed)
        SENT_TRY(take(chunk.sequence, chunk.first, chunk.last, chunk.bytes));
    }
    const Time reach{range.until.ns > INT64_MAX - kMaxChunkSpan.count()
                         ? INT64_MAX
                         : range.until.ns + kMaxChunkSpan.count()};
    SENT_TRY(db_->scan(chunk_key(series, range.from, 0), chunk_key(series, reach, UINT64_MAX),
                       [&](std::string_view key, std::string_view row) {
                         const auto chunk = decode_chunk_row(key, row);
                         outcome = chunk ? take(chunk->sequence, chunk->first, chunk->last, chunk->bytes)
                                         : Result<void>(std::unexpected(chunk.error()));
                         return outcome.has_value();
                       }));
    SENT_TRY(outcome);
    return merge_pieces(std::move(pieces));
  }

  // ---- writing

  /// Writes series from dirty[done] on until a batch is full; the rows of one series are never apart.
  Result<void> write_some(const std::vector<std::shared_ptr<Series>>& dirty, std::size_t& done) {
    kv::WriteBatch batch;
    std::map<std::int64_t, std::uint64_t> hours;
    std::vector<std::pair<Series*, std::size_t>> written;
    for (std::size_t i = done; i < dirty.size() && batch.bytes() < kWriteBytes; ++i)
      written.emplace_back(dirty[i].get(), put_rows(*dirty[i], batch, hours));
    for (auto& [hour, bytes] : hours) {
      if (const auto at = hours_.find(hour); at != hours_.end()) bytes += at->second;
      batch.put_number(hour_key(hour), bytes);
    }
    batch.put_number(meta_key("next id"), next_id_);
    batch.put_number(meta_key("sequence"), sequence_);
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    for (const auto& [hour, bytes] : hours) hours_[hour] = bytes;
    for (const auto& [series, chunks] : written) forget_sealed(*series, chunks);
    done += written.size();
    return {};
  }

  /// Returns how many sealed chunks went into the batch.
  std::size_t put_rows(Series& series, kv::WriteBatch& batch, std::map<std::int64_t, std::uint64_t>& hours) {
    const Lock lock(lock_of(series));
    if (!series.recorded) batch.put(labels_key(series), encode_labels_row(series));
    for (const SealedChunk& chunk : series.sealed) {
      const std::string row = encode_chunk_row(chunk);
      batch.put(chunk_key(series, chunk.last, chunk.sequence), row);
      hours[hour_of(chunk.last)] += row.size();
      series.oldest_chunk = std::min(series.oldest_chunk, chunk.last);
    }
    batch.put(head_key(series), encode_head_row(series));
    series.dirty = false;
    return series.sealed.size();
  }

  void forget_sealed(Series& series, std::size_t chunks) {
    const Lock lock(lock_of(series));
    const auto end = series.sealed.begin() + static_cast<std::ptrdiff_t>(chunks);
    for (auto at = series.sealed.begin(); at != end; ++at) unwritten_bytes_ -= at->bytes.size();
    series.sealed.erase(series.sealed.begin(), end);
    series.recorded = true;
  }

  void mark_dirty_again(std::span<const std::shared_ptr<Series>> unwritten) {
    for (const auto& series : unwritten) {
      const Lock lock(lock_of(*series));
      series->dirty = true;
    }
    const std::lock_guard lock(dirty_mutex_);
    dirty_.insert(dirty_.end(), unwritten.begin(), unwritten.end());
    std::ranges::sort(dirty_);
    dirty_.erase(std::unique(dirty_.begin(), dirty_.end()), dirty_.end());
  }

  // ---- retention

  /// The end of the oldest hours that must go for the rest to fit.
  Time cutoff_for_bytes(std::uint64_t max_bytes) const {
    std::uint64_t total = 0;
    for (const auto& [hour, bytes] : hours_) total += bytes;
    Time cutoff{INT64_MIN};
    for (auto at = hours_.begin(); at != hours_.end() && total > max_bytes; ++at) {
      total -= at->second;
      cutoff.ns = (at->first + 1) * 3'600'000'000'000;
    }
    return cutoff;
  }

  /// Deletes the chunks on disk that end before `cutoff`.
  Result<void> drop_chunks(Series& series, Time cutoff) {
    {
      const Lock lock(lock_of(series));
      if (series.oldest_chunk >= cutoff) return {};
    }
    kv::WriteBatch batch;
    std::map<std::int64_t, std::uint64_t> gone;
    Time oldest_left{INT64_MAX};
    Result<void> outcome;
    SENT_TRY(db_->scan(chunk_key(series, {INT64_MIN}, 0), chunk_key(series, {INT64_MAX}, UINT64_MAX),
                       [&](std::string_view key, std::string_view row) {
                         const auto chunk = decode_chunk_row(key, row);
                         if (!chunk) outcome = std::unexpected(chunk.error());
                         if (chunk && chunk->last >= cutoff) oldest_left = chunk->last;
                         if (!chunk || chunk->last >= cutoff) return false;
                         batch.erase(key);
                         gone[hour_of(chunk->last)] += row.size();
                         return true;
                       }));
    SENT_TRY(outcome);
    for (const auto& [hour, bytes] : gone) batch.put_number(hour_key(hour), hours_[hour] - bytes);
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    for (const auto& [hour, bytes] : gone) hours_[hour] -= bytes;
    const Lock lock(lock_of(series));
    series.oldest_chunk = oldest_left;
    return {};
  }

  /// The rows of hours in which no chunk ends any more.
  Result<void> drop_empty_hours() {
    kv::WriteBatch batch;
    for (const auto& [hour, bytes] : hours_)
      if (bytes == 0) batch.erase(hour_key(hour));
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    std::erase_if(hours_, [](const auto& hour) { return hour.second == 0; });
    return {};
  }

  /// A series without a sample left is forgotten, labels and all.
  Result<void> drop_series_when_over(Series& series, Time cutoff) {
    if (newest_of(series) >= cutoff) return {};
    const std::unique_lock nobody_appends(removal_);
    const Lock lock(lock_of(series));
    if (series.newest >= cutoff) return {};
    kv::WriteBatch batch;
    batch.erase(labels_key(series));
    batch.erase(head_key(series));
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    {
      const std::lock_guard dirty_lock(dirty_mutex_);
      std::erase_if(dirty_, [&](const auto& other) { return other.get() == &series; });
    }
    for (const SealedChunk& chunk : series.sealed) unwritten_bytes_ -= chunk.bytes.size();
    head_samples_ -= static_cast<std::int64_t>(series.head.size());
    index_.remove(series);
    ++epoch_;
    return {};
  }

  Time newest_of(const Series& series) const {
    const Lock lock(lock_of(series));
    return series.newest;
  }

  Mutex& lock_of(const Series& series) const { return locks_[series.id % locks_.size()]; }

  static void raise(std::atomic<std::uint64_t>& offset, std::uint64_t to) {
    std::uint64_t now = offset;
    while (now < to && !offset.compare_exchange_weak(now, to)) {
    }
  }

  const EmbeddedSeriesOptions options_;
  std::unique_ptr<kv::Database> db_;

  // These synchronise themselves.
  SeriesIndex index_;
  std::atomic<std::uint64_t> next_id_ = 0, sequence_ = 0, applied_offset_ = 0, durable_offset_ = 0;
  std::atomic<std::uint64_t> unwritten_bytes_ = 0, epoch_ = 1, refused_series_ = 0;
  std::atomic<std::int64_t> head_samples_ = 0;
  std::atomic<std::int64_t> horizon_ = INT64_MIN;  // older samples are neither taken nor shown

  mutable std::array<Mutex, 64> locks_;  // each guards the series whose id falls on it
  std::mutex adding_;
  std::shared_mutex removal_;  // shared: appending; alone: forgetting a series
  std::mutex dirty_mutex_;
  std::vector<std::shared_ptr<Series>> dirty_;  // guarded by dirty_mutex_; each once
  std::mutex maintenance_;                      // one flush or enforce at a time
  std::map<std::int64_t, std::uint64_t>
      hours_;  // guarded by maintenance_: bytes of chunks by the hour they end in
};

}  // namespace

Result<std::unique_ptr<SeriesStore>> open_embedded_series_store(EmbeddedSeriesOptions options) {
  auto store = std::make_unique<EmbeddedSeriesStore>(std::move(options));
  SENT_TRY(store->open());
  return store;
}

}  // namespace sentinella::series
