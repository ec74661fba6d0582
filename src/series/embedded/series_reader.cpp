#include "series/embedded/series_reader.h"

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "series/embedded/chunk_codec.h"
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

}  // namespace

/// Samples from one place: those of memory as columns, those of the disk still packed.
struct SeriesReader::Part {
  Rank rank;
  Time first, last;
  std::optional<ChunkSummary> summary;
  std::string bytes;
  Columns columns;
};

void SeriesReader::damaged(AccountId account, SeriesId id, const Error& error) const {
  ++damaged_;
  log::error("series", "a chunk of series {} of account {} cannot be read, its samples are left out: {}",
             static_cast<std::uint64_t>(id), static_cast<std::uint32_t>(account), describe(error));
}

/// Visits the sound chunks that have samples in the range.
Result<void> SeriesReader::chunks(AccountId account, const FoundSeries& series, TimeRange range,
                                  const Visitor& visit) const {
  Result<void> outcome;
  const auto scanned = rows_.scan(account, series.id, range.from, later(range.until, kMaxChunkSpan),
                                  [&](const ChunkKey& key, std::string_view bytes) {
                                    const auto summary = peek_chunk(bytes);
                                    if (!summary) {
                                      damaged(account, series.id, summary.error());
                                    } else if (summary->first < range.until) {
                                      outcome = visit(key, *summary, bytes);
                                    }
                                    return outcome.has_value();
                                  });
  if (!scanned && scanned.error().code != Errc::kCorrupt) return scanned;
  if (!scanned) damaged(account, series.id, scanned.error());
  return outcome;
}

Result<Columns> SeriesReader::read(AccountId account, const FoundSeries& series, TimeRange range,
                                   std::size_t max_samples) const {
  if (range.from >= range.until) return Columns{};
  std::vector<Piece> pieces;
  // Memory first: what moves to the disk meanwhile is then seen twice, not never.
  const bool complete = head_.read(series, range, pieces);
  for (Piece& piece : pieces) cut(piece.columns, range);
  std::size_t total = 0;
  for (const Piece& piece : pieces) total += piece.columns.size();
  if (!complete)
    SENT_TRY(chunks(account, series, range,
                    [&](const ChunkKey& key, const ChunkSummary&, std::string_view bytes) -> Result<void> {
                      Piece piece{key.rank, {}};
                      if (const auto decoded = decode_chunk(bytes, piece.columns.times, piece.columns.values);
                          !decoded) {
                        damaged(account, series.id, decoded.error());
                        return {};
                      }
                      cut(piece.columns, range);
                      total += piece.columns.size();
                      pieces.push_back(std::move(piece));
                      // Twice: samples sent again count once in the answer, but take room here.
                      return total / 2 > max_samples ? too_many(max_samples) : Result<void>{};
                    }));
  Columns merged = merge(std::move(pieces));
  if (merged.size() > max_samples) return too_many(max_samples);
  return merged;
}

Result<std::vector<SeriesReader::Part>> SeriesReader::parts(AccountId account, const FoundSeries& series,
                                                            TimeRange range) const {
  std::vector<Part> parts;
  std::vector<Piece> pieces;
  const bool complete = head_.read(series, range, pieces);
  for (Piece& piece : pieces)
    parts.push_back({piece.rank,
                     piece.columns.times.front(),
                     piece.columns.times.back(),
                     std::nullopt,
                     {},
                     std::move(piece.columns)});
  if (!complete)
    SENT_TRY(
        chunks(account, series, range,
               [&](const ChunkKey& key, const ChunkSummary& summary, std::string_view bytes) -> Result<void> {
                 // What was written between the two looks is in both.
                 const bool seen = std::ranges::any_of(
                     parts, [&](const Part& part) { return part.rank == key.rank && part.last == key.last; });
                 if (!seen)
                   parts.push_back({key.rank, summary.first, summary.last, summary, std::string(bytes), {}});
                 return {};
               }));
  std::ranges::sort(parts, {}, &Part::first);
  return parts;
}

Result<Columns> SeriesReader::windows(AccountId account, const FoundSeries& series, const Windows& windows,
                                      WindowFunction function, std::size_t max_samples) const {
  SENT_TRY_ASSIGN(const TimeRange range, range_of(windows));
  SENT_TRY_ASSIGN(auto parts, this->parts(account, series, range));
  WindowFold fold(windows);
  const bool overlap = std::ranges::adjacent_find(parts, [](const Part& a, const Part& b) {
                         return a.last >= b.first;
                       }) != parts.end();
  if (overlap) {
    SENT_TRY_ASSIGN(const Columns columns, read(account, series, range, max_samples));
    fold.add(columns);
    return fold.result(function);
  }
  std::size_t total = 0;
  for (Part& part : parts) {
    if (part.summary && part.summary->values.stale == 0 && !part.summary->values.has_nan &&
        fold.lie_together(part.first, part.last)) {
      fold.add(part.first, part.summary->count, part.summary->values);
      continue;
    }
    if (part.summary) {
      if (const auto decoded = decode_chunk(part.bytes, part.columns.times, part.columns.values); !decoded) {
        damaged(account, series.id, decoded.error());
        continue;
      }
    }
    total += part.columns.size();
    if (total > max_samples) return too_many(max_samples);
    fold.add(part.columns);
  }
  return fold.result(function);
}

Result<TimeRange> range_of(const Windows& windows) {
  if (windows.step <= Duration::zero() || windows.width <= Duration::zero())
    return fail(Errc::kInvalid, "windows need a positive step and width");
  if (windows.count == 0) return TimeRange{};
  const Time last = windows.first_end + windows.step * static_cast<std::int64_t>(windows.count - 1);
  return TimeRange{windows.first_end - windows.width + Duration(1), last + Duration(1)};
}

}  // namespace sentinella::series
