// What rules would have said in the past: stored samples, query results and log records run through an engine
// of their own. Processes and heartbeats leave no samples: of BINARY process checks nothing can be said here.
#pragma once

#include <string>
#include <vector>

#include "logs/log_store.h"
#include "rules/simulation.h"
#include "series/series_store.h"

namespace sentinella::rules {

struct BacktestSource {
  const series::SeriesStore& series;
  const logs::LogStore& logs;
  AccountId account{};
  const Clock& clock;
};

struct BacktestResult {
  std::vector<Episode> episodes;   ///< oldest first
  std::vector<std::string> notes;  ///< what was left out, and why
  std::size_t samples = 0, records = 0;
};
/// kInvalid: the range is empty or longer than 400 days. kUnavailable: it takes longer than `patience`.
/// kTooLarge, kUnavailable as the stores have them.
inline constexpr Duration kBacktestPatience = std::chrono::seconds(60);
Result<BacktestResult> backtest(const BacktestSource& source, const std::vector<Rule>& rules, TimeRange range,
                                Duration patience = kBacktestPatience);

/// In numbers, for a comparison of two results.
struct BacktestSummary {
  std::size_t episodes = 0, pages = 0, still_open = 0;
  Duration longest{}, total{};
  std::vector<std::pair<std::string, std::size_t>> by_host;  ///< the most first, at most 20
};
BacktestSummary summarise(const BacktestResult& result, TimeRange range);

}  // namespace sentinella::rules
