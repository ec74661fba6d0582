#include "series/embedded/sample_head.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace sentinella::series {
namespace {

/// Far enough ahead for a line of memory to arrive.
constexpr std::size_t kPrefetchRows = 16;

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace

Columns SealedSamples::columns() const {
  if (rank.late) return late;
  Columns columns;
  unpack_stream(packed.view(), packed.count, columns.times, columns.values);
  return columns;
}

struct SampleHead::Batch {
  Time horizon;
  std::uint64_t journal_offset = 0;
  AppendReport& report;
  std::ptrdiff_t bytes = 0;  ///< how much the head grew
  std::ptrdiff_t samples = 0;
};

void SampleHead::append(AccountId account, const SampleBlock& block, Time horizon,
                        std::uint64_t journal_offset, AppendReport& report) {
  Batch batch{horizon, journal_offset, report};
  std::array<Slot, kPrefetchRows> ahead{};
  const std::size_t rows = block.size();
  const auto look_ahead = [&](std::size_t row) {
    const Slot slot = registry_.slot_of(block.ids[row]);
    ahead[row % kPrefetchRows] = slot;
    if (slot != kNoSlot) __builtin_prefetch(&slab_[slot], 1);
    // Half way: the series is near, what it points to is not.
    if (row < kPrefetchRows / 2) return;
    const Slot half = ahead[(row - kPrefetchRows / 2) % kPrefetchRows];
    if (half != kNoSlot) slab_[half].open.prefetch();
  };
  for (std::size_t row = 0; row < std::min(rows, kPrefetchRows); ++row) look_ahead(row);
  Mutex* held = nullptr;
  for (std::size_t row = 0; row < rows; ++row) {
    const Slot slot = ahead[row % kPrefetchRows];
    if (row + kPrefetchRows < rows) look_ahead(row + kPrefetchRows);
    if (slot == kNoSlot) {
      ++report.refused;
      continue;
    }
    if (Mutex* lock = &slab_.lock_of(slot); lock != held) {
      if (held != nullptr) held->unlock();
      lock->lock();
      held = lock;
    }
    if (slab_[slot].account == account)
      put(slot, slab_[slot], block.times[row], block.values[row], batch);
    else
      ++report.refused;
  }
  if (held != nullptr) held->unlock();
  bytes_ += static_cast<std::size_t>(batch.bytes);
  samples_ += static_cast<std::size_t>(batch.samples);
}

void SampleHead::put(Slot slot, Series& series, Time at, double value, Batch& batch) {
  OpenStream& open = series.open;
  if (at < batch.horizon) {
    ++batch.report.expired;
    return;
  }
  if (at <= open.last_at()) return put_late(slot, series, at, value, batch);
  if (!open.empty() && open.spans_a_day(at)) seal_open(slot, series, batch.journal_offset);
  const std::size_t before = open.bytes();
  open.append(at, value);
  batch.bytes += static_cast<std::ptrdiff_t>(open.bytes() - before);
  ++batch.samples;
  ++batch.report.stored;
  if (open.count() >= kChunkSamples) seal_open(slot, series, batch.journal_offset);
}

void SampleHead::put_late(Slot slot, Series& series, Time at, double value, Batch& batch) {
  OpenStream& open = series.open;
  if (late_window_ > Duration::zero() && at < open.last_at() - late_window_) {
    ++batch.report.expired;
    return;
  }
  bool known = false;
  if (!open.empty() && at >= open.first_at()) {
    if (at == open.last_at()) {
      ++batch.report.replaced;
      if (!same_bits(value, open.last_value())) replace_last(series, value);
      return;
    }
    Columns columns;
    open.read(columns.times, columns.values);
    const auto found = std::ranges::lower_bound(columns.times, at);
    known = found != columns.times.end() && *found == at;
    const bool same =
        known && same_bits(columns.values[static_cast<std::size_t>(found - columns.times.begin())], value);
    if (same && (series.flags & (kHasLate | kLateOnDisk)) == 0) {
      ++batch.report.replaced;
      return;
    }
  }
  if (at == open.last_at()) open.remember(at, value);
  Columns& late = late_[SeriesSlab::stripe_of(slot)][slot];
  const auto place = std::ranges::lower_bound(late.times, at) - late.times.begin();
  if (place < std::ssize(late.times) && late.times[static_cast<std::size_t>(place)] == at) {
    late.values[static_cast<std::size_t>(place)] = value;
    known = true;
  } else {
    late.times.insert(late.times.begin() + place, at);
    late.values.insert(late.values.begin() + place, value);
    batch.bytes += 16;
    ++batch.samples;
  }
  ++(known ? batch.report.replaced : batch.report.stored);
  series.flags |= kHasLate;
  const auto span =
      static_cast<std::uint64_t>(late.times.back().ns) - static_cast<std::uint64_t>(late.times.front().ns);
  if (late.size() >= kChunkSamples || span > static_cast<std::uint64_t>(kMaxChunkSpan.count()))
    seal_late(slot, series, batch.journal_offset);
}

void SampleHead::replace_last(Series& series, double value) {
  Columns columns;
  series.open.read(columns.times, columns.values);
  columns.values.back() = value;
  OpenStream again;
  for (std::size_t i = 0; i < columns.size(); ++i) again.append(columns.times[i], columns.values[i]);
  bytes_ += again.bytes() - series.open.bytes();
  series.open = std::move(again);
}

void SampleHead::seal_open(Slot slot, Series& series, std::uint64_t journal_offset) {
  auto sealed = std::make_shared<SealedSamples>();
  sealed->rank = {false, next_sequence(journal_offset)};
  sealed->first = series.open.first_at();
  sealed->last = series.open.last_at();
  sealed->packed = series.open.take();
  bytes_ -= sealed->packed.size;
  samples_ -= sealed->packed.count;
  hand_over(slot, series, std::move(sealed));
  if ((series.flags & kHasLate) != 0) seal_late(slot, series, journal_offset);
}

/// In pieces that span no more than a chunk may.
void SampleHead::seal_late(Slot slot, Series& series, std::uint64_t journal_offset) {
  auto& of_stripe = late_[SeriesSlab::stripe_of(slot)];
  const Columns late = std::move(of_stripe.at(slot));
  of_stripe.erase(slot);
  bytes_ -= late.size() * 16;
  samples_ -= late.size();
  for (std::size_t from = 0; from < late.size();) {
    auto sealed = std::make_shared<SealedSamples>();
    sealed->rank = {true, next_sequence(journal_offset)};
    sealed->first = late.times[from];
    for (; from < late.size() &&
           static_cast<std::uint64_t>(late.times[from].ns) - static_cast<std::uint64_t>(sealed->first.ns) <=
               static_cast<std::uint64_t>(kMaxChunkSpan.count());
         ++from) {
      sealed->late.times.push_back(late.times[from]);
      sealed->late.values.push_back(late.values[from]);
    }
    sealed->last = sealed->late.times.back();
    hand_over(slot, series, std::move(sealed));
  }
  series.flags = static_cast<std::uint8_t>((series.flags & ~kHasLate) | kLateOnDisk);
}

/// Grows with the journal and within a batch, and is the same when the batch is replayed.
std::uint64_t SampleHead::next_sequence(std::uint64_t journal_offset) {
  if (std::exchange(sequence_offset_, journal_offset) != journal_offset) sequence_in_batch_ = 0;
  return journal_offset * kSequencesPerBatch + std::min(sequence_in_batch_++, kSequencesPerBatch - 1);
}

void SampleHead::hand_over(Slot slot, Series& series, std::shared_ptr<SealedSamples> sealed) {
  sealed->slot = slot;
  sealed->id = series.id;
  sealed->account = series.account;
  series.flags = static_cast<std::uint8_t>((series.flags & ~kNeverSealed) | kHasSealed);
  const std::uint16_t day = day_of(sealed->last);
  if (series.oldest_day != 0) series.oldest_day = std::min(series.oldest_day, day);
  series.oldest_raw_day = series.oldest_raw_day == 0 ? day : std::min(series.oldest_raw_day, day);
  sealed_[SeriesSlab::stripe_of(slot)][slot].push_back(sealed);
  seal_(std::move(sealed));
}

void SampleHead::shrink(std::size_t bytes, std::uint64_t journal_offset) {
  // Once round for the streams worth a chunk; once more for the rest if that was not enough.
  for (const std::size_t least : {kChunkSamples / 8, std::size_t{1}}) {
    for (Slot left = slab_.end(); left > 0 && bytes_ > bytes; --left) {
      shrink_from_ = shrink_from_ + 1 < slab_.end() ? shrink_from_ + 1 : 0;
      Lock lock(slab_.lock_of(shrink_from_));
      Series& series = slab_[shrink_from_];
      if (series.open.count() >= least)
        seal_open(shrink_from_, series, journal_offset);
      else if (least == 1 && (series.flags & kHasLate) != 0)
        seal_late(shrink_from_, series, journal_offset);
    }
  }
}

void SampleHead::erase(Slot slot, TimeRange range) {
  Lock lock(slab_.lock_of(slot));
  Series& series = slab_[slot];
  const auto without = [&](const Columns& all) {
    Columns kept;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (range.contains(all.times[i])) continue;
      kept.times.push_back(all.times[i]);
      kept.values.push_back(all.values[i]);
    }
    return kept;
  };
  Columns open;
  series.open.read(open.times, open.values);
  const Columns kept = without(open);
  if (kept.size() < open.size()) {
    OpenStream again;
    for (std::size_t i = 0; i < kept.size(); ++i) again.append(kept.times[i], kept.values[i]);
    if (again.empty()) again.remember(series.open.last_at(), series.open.last_value());
    bytes_ += again.bytes() - series.open.bytes();
    samples_ -= open.size() - kept.size();
    series.open = std::move(again);
  }
  auto& of_stripe = late_[SeriesSlab::stripe_of(slot)];
  const auto at = of_stripe.find(slot);
  if (at == of_stripe.end()) return;
  Columns late = without(at->second);
  bytes_ -= (at->second.size() - late.size()) * 16;
  samples_ -= at->second.size() - late.size();
  at->second = std::move(late);
}

void SampleHead::drop(Slot slot) {
  Lock lock(slab_.lock_of(slot));
  auto& late = late_[SeriesSlab::stripe_of(slot)];
  std::size_t late_samples = 0;
  if (const auto at = late.find(slot); at != late.end()) {
    late_samples = at->second.size();
    late.erase(at);
  }
  sealed_[SeriesSlab::stripe_of(slot)].erase(slot);
  bytes_ -= slab_[slot].open.bytes() + late_samples * 16;
  samples_ -= slab_[slot].open.count() + late_samples;
}

void SampleHead::remember(Slot slot, Time at, double value) {
  Lock lock(slab_.lock_of(slot));
  if (slab_[slot].open.empty()) slab_[slot].open.remember(at, value);
}

bool SampleHead::read(const FoundSeries& found, TimeRange range, std::vector<Piece>& pieces) const {
  Lock lock(slab_.lock_of(found.slot));
  const Series& series = slab_[found.slot];
  if (series.id != found.id) return true;
  const std::size_t stripe = SeriesSlab::stripe_of(found.slot);
  if ((series.flags & kHasSealed) != 0)
    for (const Sealed& sealed : sealed_[stripe].at(found.slot))
      if (sealed->first < range.until && sealed->last >= range.from)
        pieces.push_back({sealed->rank, sealed->columns()});
  if (!series.open.empty() && series.open.first_at() < range.until && series.open.last_at() >= range.from) {
    Piece& piece = pieces.emplace_back(Piece{{false, kStillOpen}, {}});
    series.open.read(piece.columns.times, piece.columns.values);
  }
  if ((series.flags & kHasLate) != 0) pieces.push_back({{true, kStillOpen}, late_[stripe].at(found.slot)});
  if ((series.flags & kNeverSealed) != 0) return true;
  return !series.open.empty() && range.from >= series.open.first_at() && (series.flags & kLateOnDisk) == 0;
}

std::optional<Sample> SampleHead::newest_until(const Series& series, Time at) {
  const OpenStream& open = series.open;
  if (open.last_at() <= at) return Sample{open.last_at(), open.last_value()};
  if ((series.flags & (kHasLate | kLateOnDisk)) != 0) return std::nullopt;
  if (open.empty() || open.first_at() > at) {
    if ((series.flags & kNeverSealed) == 0) return std::nullopt;
    return Sample{Time{INT64_MIN}, 0};
  }
  // What has left the stream is older than what is in it.
  thread_local Columns columns;
  columns.times.clear();
  columns.values.clear();
  open.read(columns.times, columns.values);
  const auto past = std::ranges::upper_bound(columns.times, at) - columns.times.begin();
  return Sample{columns.times[static_cast<std::size_t>(past - 1)],
                columns.values[static_cast<std::size_t>(past - 1)]};
}

void SampleHead::forget(const std::vector<Sealed>& sealed) {
  for (const Sealed& one : sealed) {
    Lock lock(slab_.lock_of(one->slot));
    auto& of_stripe = sealed_[SeriesSlab::stripe_of(one->slot)];
    const auto at = of_stripe.find(one->slot);
    if (at == of_stripe.end()) continue;
    std::erase(at->second, one);
    if (!at->second.empty()) continue;
    of_stripe.erase(at);
    slab_[one->slot].flags &= static_cast<std::uint8_t>(~kHasSealed);
  }
}

void SampleHead::restore(Slot slot, OpenStream open, Columns late, std::uint8_t flags) {
  Lock lock(slab_.lock_of(slot));
  Series& series = slab_[slot];
  bytes_ += open.bytes() + late.size() * 16;
  samples_ += open.count() + late.size();
  series.open = std::move(open);
  series.flags |= flags & kLateOnDisk;
  if (late.empty()) return;
  series.flags |= kHasLate;
  late_[SeriesSlab::stripe_of(slot)][slot] = std::move(late);
}

}  // namespace sentinella::series
