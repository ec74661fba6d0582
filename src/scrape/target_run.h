// One target being scraped again and again: its connection, its series, how it went.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "scrape/fetch.h"
#include "scrape/scraper.h"
#include "scrape/target_list.h"
#include "scrape/target_series.h"

namespace sentinella::scrape {

/// Used by one thread at a time.
class TargetRun {
 public:
  TargetRun(const WantedTarget& wanted, const Labels& external);

  /// The job, or what may be scraped of it, has changed.
  void configure(const WantedTarget& wanted);
  /// Fetches and appends everything there is to store; `at` is the samples' time. Blocks at most the timeout.
  void scrape(Time at, std::vector<SeriesSamples>& out);
  /// The target is gone.
  void end(Time at, std::vector<SeriesSamples>& out) { series_.end(at, out); }

  const Target& target() const { return wanted_.target; }
  const TargetStatus& status() const { return status_; }
  /// What the target says of its metrics; null before it did.
  std::shared_ptr<const std::vector<MetricMetadata>> metadata() const { return metadata_; }

 private:
  Result<ScrapeReport> fetch(Time at, std::vector<SeriesSamples>& out);
  void tell(const ScrapeReport& report);
  void keep_metadata();

  WantedTarget wanted_;
  TargetSeries series_;
  std::unique_ptr<Fetcher> fetcher_;
  TargetStatus status_;
  std::size_t refused_ = 0;  ///< lines, as last told
  std::shared_ptr<const std::vector<MetricMetadata>> metadata_;
  unsigned scrapes_ = 0;
};

}  // namespace sentinella::scrape
