#include "series/embedded/series_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "series/embedded/rollup_codec.h"
#include "series/embedded/window_fold.h"

namespace sentinella::series {
namespace {

Time later(Time at, Duration by) {
  return at.ns > INT64_MAX - by.count() ? Time{INT64_MAX} : at + by;
}

std::unexpected<Error> too_many(std::size_t max_samples) {
  return fail(Errc::kTooLarge, "the query needs over {} samples: ask for less time or fewer series",
              max_samples);
}

bool has_samples_in(const DiskChunk& chunk, TimeRange range) {
  return chunk.summary.first < range.until && chunk.summary.last >= range.from;
}

bool same_chunk(const DiskChunk& a, const DiskChunk& b) {
  return a.last == b.last && a.rank == b.rank;
}
bool ends_before(const DiskChunk& a, const DiskChunk& b) {
  return std::pair(a.last, rank_bits(a.rank)) < std::pair(b.last, rank_bits(b.rank));
}

/// Fills `columns`, and `rolled` where that is what it holds.
Result<void> unpack(DiskChunk& chunk) {
  if (holds_rollups(*chunk.packed)) {
    SENT_TRY_ASSIGN(RollUps rolled, decode_rollups(*chunk.packed));
    chunk.columns = std::make_shared<const Columns>(samples_of(rolled));
    chunk.rolled = std::make_shared<const RollUps>(std::move(rolled));
  } else {
    Columns columns;
    SENT_TRY(decode_chunk(*chunk.packed, columns.times, columns.values));
    chunk.columns = std::make_shared<const Columns>(std::move(columns));
  }
  chunk.packed.reset();
  return {};
}

/// A span counts where its last sample lies.
void fold_rollups(const RollUps& rolled, WindowFold& fold) {
  for (std::size_t i = 0; i < rolled.size(); ++i)
    if (rolled.counts[i] > 0) fold.add(rolled.times[i], rolled.count(i), rolled.summary(i));
}

/// Of one series and one state of the disk.
DiskChunks unite(const DiskChunks& a, const DiskChunks& b) {
  DiskChunks all{{std::min(a.cover.from, b.cover.from), std::max(a.cover.until, b.cover.until)}, {}};
  std::ranges::set_union(a.chunks, b.chunks, std::back_inserter(all.chunks), ends_before);
  return all;
}

}  // namespace

void SeriesReader::damaged(AccountId account, SeriesId id, const Error& error) const {
  ++damaged_;
  log::error("series", "a chunk of series {} of account {} cannot be read, its samples are left out: {}",
             static_cast<std::uint64_t>(id), static_cast<std::uint32_t>(account), describe(error));
}

struct SeriesReader::Scan {
  DiskChunks found;
  bool complete = true;  ///< false: the database gave up before the end
};

/// Reads the disk, but for chunks that are known.
Result<SeriesReader::Scan> SeriesReader::scan(AccountId account, const FoundSeries& series, TimeRange range,
                                              const SharedChunks& known, const Limits& limits,
                                              const Wanted& wanted) const {
  Scan scan{.found = {.cover = {range.from, {INT64_MAX}}, .chunks = {}}};
  const Time reach = later(range.until, kMaxChunkSpan);
  std::size_t samples = 0;
  Result<void> outcome;
  const auto visit = [&](const ChunkKey& key, std::string_view bytes) {
    if (key.last > reach) {
      scan.found.cover.until = range.until;
      return false;
    }
    DiskChunk chunk{key.rank, key.last, {}, nullptr, nullptr, nullptr};
    const auto at = known ? std::ranges::lower_bound(known->chunks, chunk, ends_before)
                          : decltype(known->chunks.begin()){};
    if (known && at != known->chunks.end() && same_chunk(*at, chunk)) {
      scan.found.chunks.push_back(*at);
      return true;
    }
    const auto summary = holds_rollups(bytes) ? peek_rollups(bytes) : peek_chunk(bytes);
    if (!summary) {
      damaged(account, series.id, summary.error());
      return true;
    }
    chunk.summary = *summary;
    chunk.packed = std::make_shared<const std::string>(bytes);
    if (has_samples_in(chunk, range) && wanted(*summary)) samples += summary->count;
    scan.found.chunks.push_back(std::move(chunk));
    // Twice: samples sent again count once in the answer, but take room here. Those at the edges may not
    // count.
    if (samples / 2 > limits.max_samples + kMaxChunkSamples) outcome = too_many(limits.max_samples);
    return outcome.has_value();
  };
  const auto scanned = rows_.scan(account, series.id, range.from, {INT64_MAX}, visit);
  SENT_TRY(std::move(outcome));
  if (scanned) return scan;
  if (scanned.error().code != Errc::kCorrupt) return std::unexpected(scanned.error());
  damaged(account, series.id, scanned.error());
  scan.complete = false;
  return scan;
}

Result<SharedChunks> SeriesReader::on_disk(AccountId account, const FoundSeries& series, TimeRange range,
                                           const Limits& limits, const Wanted& wanted) const {
  const auto lacks = [&](const DiskChunk& chunk) {
    return chunk.columns == nullptr && has_samples_in(chunk, range) && wanted(chunk.summary);
  };
  const auto [known, version] = rows_.cache().find(series.id);
  const bool covered = known && known->cover.from <= range.from && range.until <= known->cover.until;
  if (covered && std::ranges::none_of(known->chunks, lacks)) return known;
  if (limits.in_memory && !covered) return fail(Errc::kTooLarge, "the query needs the disk");

  auto chunks = std::make_shared<DiskChunks>();
  bool complete = true;
  if (covered) {
    *chunks = *known;
  } else {
    SENT_TRY_ASSIGN(Scan scanned, scan(account, series, range, known, limits, wanted));
    complete = scanned.complete;
    const TimeRange cover = scanned.found.cover;
    const bool joins = known && known->cover.from <= cover.until && cover.from <= known->cover.until;
    *chunks = joins ? unite(*known, scanned.found) : std::move(scanned.found);
  }
  std::erase_if(chunks->chunks, [&](DiskChunk& chunk) {
    if (!lacks(chunk)) return false;
    const auto unpacked = unpack(chunk);
    if (!unpacked) damaged(account, series.id, unpacked.error());
    return !unpacked;
  });
  if (complete) rows_.cache().put(series.id, chunks, version);
  return chunks;
}

Result<Columns> SeriesReader::read(AccountId account, const FoundSeries& series, TimeRange range,
                                   const Limits& limits) const {
  if (range.from >= range.until) return Columns{};
  // Memory first: what moves to the disk meanwhile is then seen twice, not never.
  std::vector<Piece> memory;
  const bool complete = head_.read(series, range, memory);
  std::vector<Slice> slices;
  for (const Piece& piece : memory) slices.push_back(cut(piece.rank, piece.columns, range));
  SharedChunks disk;
  if (!complete) {
    SENT_TRY_ASSIGN(disk, on_disk(account, series, range, limits, [](const ChunkSummary&) { return true; }));
    for (const DiskChunk& chunk : disk->chunks)
      if (chunk.columns) slices.push_back(cut(chunk.rank, *chunk.columns, range));
  }
  std::size_t total = 0;
  for (const Slice& slice : slices) total += slice.size();
  if (total / 2 > limits.max_samples) return too_many(limits.max_samples);
  Columns merged = merge(std::move(slices));
  if (merged.size() > limits.max_samples) return too_many(limits.max_samples);
  return merged;
}

/// Samples from one place.
struct SeriesReader::Part {
  Time first, last;
  const ChunkSummary* summary = nullptr;  ///< of a chunk
  const Columns* columns = nullptr;       ///< null of a chunk whose summary will do
  const RollUps* rolled = nullptr;        ///< of a chunk of roll-ups
};

Result<Columns> SeriesReader::windows(AccountId account, const FoundSeries& series, const Windows& windows,
                                      WindowFunction function, const Limits& limits) const {
  SENT_TRY_ASSIGN(const TimeRange range, range_of(windows));
  WindowFold fold(windows, function);
  const auto has_numbers_only = [](const ChunkSummary& summary) {
    return summary.values.stale == 0 && !summary.values.has_nan;
  };
  const auto summary_will_do = [&](const ChunkSummary& summary) {
    return !summary.rolled && has_numbers_only(summary) && fold.lie_together(summary.first, summary.last);
  };
  std::vector<Piece> memory;
  const bool complete = head_.read(series, range, memory);
  std::vector<Part> parts;
  for (const Piece& piece : memory)
    if (!piece.columns.empty())
      parts.push_back(
          {piece.columns.times.front(), piece.columns.times.back(), nullptr, &piece.columns, nullptr});
  SharedChunks disk;
  if (!complete) {
    SENT_TRY_ASSIGN(disk, on_disk(account, series, range, limits,
                                  [&](const ChunkSummary& summary) { return !summary_will_do(summary); }));
    for (const DiskChunk& chunk : disk->chunks) {
      // What was written between the two looks is in both.
      const bool seen = std::ranges::any_of(memory, [&](const Piece& piece) {
        return piece.rank == chunk.rank && !piece.columns.empty() && piece.columns.times.back() == chunk.last;
      });
      if (!seen && has_samples_in(chunk, range))
        parts.push_back({chunk.summary.first, chunk.summary.last, &chunk.summary,
                         summary_will_do(chunk.summary) ? nullptr : chunk.columns.get(), chunk.rolled.get()});
    }
  }
  std::ranges::sort(parts, {}, &Part::first);
  const bool overlap = std::ranges::adjacent_find(parts, [](const Part& a, const Part& b) {
                         return a.last >= b.first;
                       }) != parts.end();
  if (overlap) {
    SENT_TRY_ASSIGN(const Columns columns, read(account, series, range, limits));
    fold.add(columns.times, columns.values, !has_nan(columns.values));
    return fold.result();
  }
  std::size_t total = 0;
  for (const Part& part : parts) {
    if (part.columns == nullptr) {
      fold.add(part.first, part.summary->count, part.summary->values);
      continue;
    }
    total += part.columns->size();
    if (total > limits.max_samples) return too_many(limits.max_samples);
    if (part.rolled) {
      fold_rollups(*part.rolled, fold);
      continue;
    }
    const bool all_numbers = part.summary ? has_numbers_only(*part.summary) : !has_nan(part.columns->values);
    fold.add(part.columns->times, part.columns->values, all_numbers);
  }
  return fold.result();
}

Result<TimeRange> range_of(const Windows& windows) {
  if (windows.step <= Duration::zero() || windows.width <= Duration::zero())
    return fail(Errc::kInvalid, "windows need a positive step and width");
  if (windows.count == 0) return TimeRange{};
  const Time last = windows.first_end + windows.step * static_cast<std::int64_t>(windows.count - 1);
  return TimeRange{windows.first_end - windows.width + Duration(1), last + Duration(1)};
}

}  // namespace sentinella::series
