#include "series/embedded/aging.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "series/embedded/rollup_codec.h"
#include "series/embedded/sample_head.h"

namespace sentinella::series {
namespace {

constexpr Duration kDay = std::chrono::hours(24);
/// The lock is let go after so many series.
constexpr unsigned kSeriesPerTurn = 256;

Time begin_of_day(Time at) {
  return at - Duration(at.ns % kDay.count() + (at.ns % kDay.count() < 0 ? kDay.count() : 0));
}
Time begin_of_day(std::uint16_t day) {
  return day <= 1 ? Time{INT64_MIN} : Time{(day - 1) * kDay.count()};
}

constexpr std::uint16_t kNoDay = 0;  // of Series::oldest_raw_day

std::string rolled_key() {
  return meta_key("rolled");
}

std::set<AccountId> accounts_of(const SeriesRegistry& registry) {
  std::set<AccountId> accounts;
  const SeriesSlab& slab = registry.slab();
  for (Slot slot = 0; slot < slab.end(); ++slot) {
    Lock lock(slab.lock_of(slot));
    if (slab[slot].id != SeriesId{}) accounts.insert(slab[slot].account);
  }
  return accounts;
}

std::vector<std::string> metrics_like(const SeriesRegistry& registry, AccountId account,
                                      std::string_view pattern) {
  std::vector<std::string> metrics;
  registry.with_labels(account, [&](const LabelIndex& index) {
    const NameId name = index.find_name(kMetricName);
    if (name == kNoName) return;
    for (const PairId pair : index.pairs_of(name))
      if (glob_match(pattern, index.value(pair))) metrics.emplace_back(index.value(pair));
  });
  return metrics;
}

}  // namespace

Cutoffs::Cutoffs(const SeriesRegistry& registry, const ChunkRows& rows, const Retention& retention, Time now)
    : general_{std::max(now - retention.max_age, rows.cutoff_for_bytes(retention.max_bytes)),
               begin_of_day(now - retention.raw_age)},
      first_rolled_(general_.rolled) {
  if (retention.limits.empty()) return;
  for (const AccountId account : accounts_of(registry))
    for (const SeriesLimit& limit : retention.limits)
      if (!limit.account || *limit.account == account) add(registry, rows, account, limit, now);
}

void Cutoffs::add(const SeriesRegistry& registry, const ChunkRows& rows, AccountId account,
                  const SeriesLimit& limit, Time now) {
  Cutoff cutoff = general_;
  if (limit.max_age > Duration::zero()) cutoff.dropped = std::max(cutoff.dropped, now - limit.max_age);
  if (limit.max_bytes > 0)
    cutoff.dropped = std::max(cutoff.dropped, rows.cutoff_for_bytes(limit.max_bytes, account));
  if (limit.raw_age > Duration::zero()) cutoff.rolled = begin_of_day(now - limit.raw_age);
  first_rolled_ = std::min(first_rolled_, cutoff.rolled);
  for (const std::string& metric : metrics_like(registry, account, limit.metric)) {
    const Selector selector{{{LabelMatcher::Op::equal, std::string(kMetricName), metric}}};
    const auto found = registry.find(account, selector, SIZE_MAX);
    if (!found) continue;
    for (const FoundSeries& series : *found) {
      const auto [at, fresh] = stricter_.try_emplace(static_cast<std::uint64_t>(series.id), cutoff);
      if (fresh) continue;
      at->second.dropped = std::max(at->second.dropped, cutoff.dropped);
      at->second.rolled = std::max(at->second.rolled, cutoff.rolled);
    }
  }
}

Result<void> Aging::open() {
  SENT_TRY_ASSIGN(const std::uint64_t rolled, db_.get_number(rolled_key()));
  const auto day = static_cast<std::uint16_t>(std::clamp<std::uint64_t>(rolled, 1, UINT16_MAX));
  const SeriesSlab& slab = registry_.slab();
  for (Slot slot = 0; slot < slab.end(); ++slot) {
    Lock lock(slab.lock_of(slot));
    slab[slot].oldest_raw_day = day;
  }
  return {};
}

Aging::Place Aging::place(Slot slot) const {
  const SeriesSlab& slab = registry_.slab();
  Lock lock(slab.lock_of(slot));
  const Series& series = slab[slot];
  return {series.id, series.account, series.kind, series.oldest_day, series.oldest_raw_day};
}

Result<void> Aging::drop(const Cutoffs& cutoffs) {
  const SeriesSlab& slab = registry_.slab();
  for (Slot slot = 0; slot < slab.end(); ++slot) {
    const Place series = place(slot);
    const Time cutoff = cutoffs.of(series.id).dropped;
    if (series.id == SeriesId{} || series.oldest_day > day_of(cutoff)) continue;
    SENT_TRY_ASSIGN(const Time oldest, rows_.drop_before(series.account, series.id, cutoff));
    Lock lock(slab.lock_of(slot));
    if (slab[slot].id == series.id) slab[slot].oldest_day = day_of(oldest);
  }
  return {};
}

template <typename Change>
void Aging::set_oldest_raw(Slot slot, SeriesId id, Change change) {
  const SeriesSlab& slab = registry_.slab();
  Lock lock(slab.lock_of(slot));
  if (slab[slot].id == id) slab[slot].oldest_raw_day = change(slab[slot].oldest_raw_day);
}

bool Aging::has_label(Slot slot, const Place& series, std::string_view name) const {
  bool has = false;
  registry_.with_labels(series.account, [&](const LabelIndex& index) {
    const NameId id = index.find_name(name);
    const Series& found = registry_.slab()[slot];
    has = id != kNoName && found.id == series.id && index.pair_of(found, id) != 0;
  });
  return has;
}

Result<void> Aging::roll_up(const Retention& retention, const Cutoffs& cutoffs, std::uint64_t durable_offset,
                            std::unique_lock<std::mutex>& lock) {
  const SeriesSlab& slab = registry_.slab();
  unsigned turn = 0;
  for (Slot slot = 0; slot < slab.end(); ++slot) {
    const Place series = place(slot);
    const Time until = cutoffs.of(series.id).rolled;
    if (series.id == SeriesId{} || series.oldest_raw_day == kNoDay || series.oldest_raw_day >= day_of(until))
      continue;
    if (!retention.raw_label.empty() && has_label(slot, series, retention.raw_label)) continue;
    set_oldest_raw(slot, series.id, [](std::uint16_t) { return kNoDay; });
    const auto oldest = roll_up_series(series, until, retention.roll_up_span, durable_offset);
    const std::uint16_t left = !oldest                   ? series.oldest_raw_day
                               : oldest->ns == INT64_MAX ? kNoDay
                                                         : day_of(*oldest);
    // Unless an earlier one has been sealed meanwhile.
    set_oldest_raw(slot, series.id, [&](std::uint16_t sealed) {
      return sealed == kNoDay || left == kNoDay ? std::max(sealed, left) : std::min(sealed, left);
    });
    SENT_TRY(oldest);
    if (++turn % kSeriesPerTurn != 0) continue;
    if (retention.interrupted && retention.interrupted()) return {};
    lock.unlock();
    lock.lock();
  }
  kv::WriteBatch batch;
  batch.put_number(rolled_key(), day_of(cutoffs.first_rolled()));
  return db_.write(std::move(batch), kv::Sync::no);
}

/// The chunks of a series that end on one day.
struct Aging::Day {
  Time begin{INT64_MIN};
  std::vector<ChunkKey> gone;
  std::vector<Piece> samples;
  std::vector<RollUps> rolled;

  Result<void> add(const ChunkKey& key, std::string_view bytes) {
    if (holds_rollups(bytes)) {
      SENT_TRY_ASSIGN(auto more, decode_rollups(bytes));
      rolled.push_back(std::move(more));
    } else {
      Piece piece{key.rank, {}};
      SENT_TRY(decode_chunk(bytes, piece.columns.times, piece.columns.values));
      samples.push_back(std::move(piece));
    }
    gone.push_back(key);
    return {};
  }
};

Result<Time> Aging::roll_up_series(const Place& series, Time until, Duration span,
                                   std::uint64_t durable_offset) {
  Time oldest_left{INT64_MAX};
  Day day;
  Result<void> outcome;
  SENT_TRY(rows_.scan(series.account, series.id, begin_of_day(series.oldest_raw_day), {INT64_MAX},
                      [&](const ChunkKey& key, std::string_view bytes) {
                        const bool too_young = key.last >= until;
                        if (too_young ||
                            (!holds_rollups(bytes) && batch_of(key.rank.sequence) > durable_offset)) {
                          oldest_left = std::min(oldest_left, key.last);
                          return !too_young;
                        }
                        if (const Time begin = begin_of_day(key.last); begin != day.begin) {
                          outcome = finish(series, day, span);
                          day = {.begin = begin, .gone = {}, .samples = {}, .rolled = {}};
                        }
                        if (const auto added = day.add(key, bytes); !added)
                          reader_.damaged(series.account, series.id, added.error());
                        return outcome.has_value();
                      }));
  SENT_TRY(std::move(outcome));
  SENT_TRY(finish(series, day, span));
  return oldest_left;
}

Result<void> Aging::finish(const Place& series, const Day& day, Duration span) {
  if (day.samples.empty()) return {};
  std::vector<Slice> slices;
  for (const Piece& piece : day.samples)
    slices.push_back({piece.rank, piece.columns.times, piece.columns.values});
  std::vector<RollUps> parts = day.rolled;
  parts.push_back(series::roll_up(merge(std::move(slices)), series.kind, span));
  const RollUps all = unite(parts, span);
  const Rank rank = std::ranges::max(day.gone, {}, &ChunkKey::rank).rank;
  std::vector<NewChunk> chunks;
  for (const RollUps& part : split_by_day(all))
    chunks.push_back({series.account, series.id, rank, part.times.back(), encode_rollups(part)});
  return rows_.replace(series.account, day.gone, chunks);
}

}  // namespace sentinella::series
