// Scrapes Prometheus exporters: each target by its interval, as a prometheus.yml says. The same in agent and
// server; what is scraped goes to a sink.
//
// The configuration and the files it names are looked at every few seconds and take effect when they change.
// One thread keeps the time; others, as many as are needed, wait for exporters: one that hangs holds up its
// own next scrape and nothing else.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/batch.h"
#include "model/metric_metadata.h"

namespace sentinella::scrape {

struct ScraperOptions {
  std::filesystem::path config_file;
  Labels external_labels = {};  ///< every series gets them unless it has them; before the file's own
  std::uint64_t seed = 0;       ///< another one, other instants: for several who scrape the same
  Duration look_every = std::chrono::seconds(5);  ///< at the files
  std::size_t max_threads = 256;                  ///< as many exporters may hang before others wait
};

struct TargetStatus {
  std::string job;
  std::string url;
  Labels labels;
  bool scraped = false;  ///< at least once; the following say how it went last
  bool up = false;
  std::string problem;  ///< "" = none
  Time at;
  Duration duration{};
  std::size_t samples = 0;
  Duration interval{}, timeout{};
};

/// Thread-safe.
class Scraper {
 public:
  /// Takes batches that hold only series, at most kMaxSeries each; account and time of receipt are for the
  /// sink to set. Called on any of the scraper's threads, several at a time.
  using Sink = std::function<void(Batch)>;
  static constexpr std::size_t kMaxSeries = 10'000;

  /// A configuration that cannot be used is logged, and looked at again. `clock` must outlive the process'
  /// last scrape: a thread that hangs in one is left behind by the destructor.
  Scraper(ScraperOptions options, Sink sink, const Clock& clock);
  /// The sink is not called any more once this returns; a scrape under way is waited for, but not long.
  ~Scraper();
  Scraper(const Scraper&) = delete;
  Scraper& operator=(const Scraper&) = delete;

  std::vector<TargetStatus> targets() const;
  /// What the targets said of their metrics of late, by name, each once; at most kMaxMetadata. What a target
  /// changes may take kScrapesPerMetadata scrapes to show.
  std::vector<MetricMetadata> metadata() const;
  static constexpr std::size_t kMaxMetadata = 50'000;
  static constexpr unsigned kScrapesPerMetadata = 60;
  /// What is wrong with configuration and target files, one sentence each.
  std::vector<std::string> problems() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace sentinella::scrape
