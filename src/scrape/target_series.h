// What a target's expositions become: samples with final labels, staleness markers for what is gone, and the
// figures of the scrape itself. No I/O and no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "codec/exposition_reader.h"
#include "model/series.h"
#include "scrape/scrape_config.h"

namespace sentinella::scrape {

/// What came of one scrape, for `up` and its companions.
struct ScrapeReport {
  bool up = false;
  std::string problem;  ///< why it is not up; of an up target the first line refused; "" = none
  Duration duration{};
  std::size_t scraped = 0;  ///< samples of the exposition
  std::size_t kept = 0;     ///< after metric_relabel_configs
  std::size_t added = 0;    ///< series that the scrape before did not have
  std::size_t refused = 0;  ///< bad lines
};

/// Not thread-safe. Not copied: series are many.
class TargetSeries {
 public:
  /// `labels`: the target's. `external`: labels that every series gets which does
  /// not have them already.
  TargetSeries(const ScrapeJob& job, Labels labels, Labels external);
  TargetSeries(TargetSeries&&) = default;
  TargetSeries& operator=(TargetSeries&&) = default;

  /// The job's settings have changed: names and limits are worked out anew, staleness goes on.
  void configure(const ScrapeJob& job);

  /// Appends the samples of a body scraped at `at`, and staleness markers for series that the scrape before
  /// had. On an error (limits, nothing readable) the whole body counts as not scraped: only markers go out.
  Result<ScrapeReport> take(std::string_view body, codec::ExpositionFormat format, Time at,
                            std::vector<SeriesSamples>& out);
  /// There was no body.
  void take_nothing(Time at, std::vector<SeriesSamples>& out);
  /// `up`, `scrape_duration_seconds` and the others.
  void add_report(const ScrapeReport& report, Time at, std::vector<SeriesSamples>& out) const;
  /// The target is gone for good: markers for all, the report's series too.
  void end(Time at, std::vector<SeriesSamples>& out);
  /// What the bodies so far said of their metrics.
  const std::unordered_map<std::string, codec::MetricFamily>& families() const { return reader_.families(); }

 private:
  struct Series {
    Labels labels;
    std::uint32_t seen = 0;  ///< the last scrape that had it
    bool tracked = false;    ///< came without a timestamp of its own: its absence means that it is gone
  };
  static constexpr std::uint32_t kDropped = UINT32_MAX;

  Result<void> read(std::string_view body, codec::ExpositionFormat format);
  Result<void> name_fresh();
  Result<std::optional<Labels>> final_labels(const std::vector<Label>& exposed) const;
  Result<void> check_limits(const Labels& labels) const;
  std::uint32_t number_of(Labels labels);
  void emit(Time at, ScrapeReport& report, std::vector<SeriesSamples>& out);
  void mark_vanished(Time at, std::vector<SeriesSamples>& out);
  Labels report_labels(std::string_view name) const;
  void forget_names();
  void compact();

  bool honor_labels_ = false, honor_timestamps_ = true;
  ScrapeLimits limits_;
  Relabeling relabeling_;
  Labels labels_;
  Labels external_;
  codec::ExpositionReader reader_;
  codec::Exposition exposition_;
  std::vector<std::uint32_t> by_reader_;  ///< the reader's number -> index in series_, or kDropped
  std::vector<Series> series_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_labels_;  ///< hash of the labels -> index in series_
  std::uint32_t scrape_ = 0;
};

}  // namespace sentinella::scrape
