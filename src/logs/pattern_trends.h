// How often each message was logged with its variable parts left out, when, and whether that is news.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "logs/log_stages.h"
#include "logs/time_buckets.h"

namespace sentinella::logs {

/// Against the span before. Counts that differ no more than chance would have them differ are the same.
enum class PatternChange : std::uint8_t { none, fresh, more, fewer, same, gone };
/// "" for none, "new", "more", "fewer", "same", "gone".
std::string_view to_string(PatternChange change);

struct PatternTrend {
  StageRow row;                       ///< of one that is gone: count is 0, the times are those of before
  std::uint64_t before = 0;           ///< in the span before
  PatternChange change{};             ///< none: there is nothing to compare with
  std::vector<std::uint64_t> counts;  ///< per bucket; empty without PatternTrends::time
};

struct PatternTrends {
  std::vector<PatternTrend> rows;   ///< most frequent first; then those that are gone, most frequent first
  std::optional<TimeBuckets> time;  ///< of the counts; none: there is no row, or there are too many to count
  /// Where the span before begins; none: there is no record from then, or more patterns than are counted.
  std::optional<Time> before_from;
  std::size_t left_out = 0;      ///< rarer patterns than those in `rows`
  std::uint32_t unreadable = 0;  ///< damaged blocks that were passed over
};

/// Of a query without a beginning the span begins with its first record, and nothing is compared; one without
/// an end ends `now`, or with what is newer. kTooLarge as aggregate(), of the span itself: what is said
/// beside its patterns is left out when it alone is too much.
Result<PatternTrends> pattern_trends(const LogStore& store, AccountId account, LogQuery query, Time now);

}  // namespace sentinella::logs
