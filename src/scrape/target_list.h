// All targets that a configuration file stands for at this moment. Looks at files; keeps no thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scrape/discovery.h"
#include "scrape/scrape_config.h"
#include "scrape/target.h"

namespace sentinella::scrape {

struct WantedTarget {
  std::shared_ptr<const ScrapeJob> job;
  Target target;
  std::string refusal;  ///< why it must not be scraped although it is there: target_limit; "" = scrape it
};

/// Not thread-safe.
class TargetList {
 public:
  explicit TargetList(std::filesystem::path config_file) : file_(std::move(config_file)) {}

  /// Reads again what has changed. True: targets() may be other ones now. A configuration that cannot be used
  /// leaves the one before in force.
  bool refresh();
  /// Each once, by what must stay the same for its series to go on: job, labels, URL, external labels.
  const std::map<std::string, WantedTarget>& targets() const { return targets_; }
  const Labels& external_labels() const { return external_labels_; }
  /// What is wrong with the files, one sentence each.
  std::vector<std::string> problems() const;

 private:
  bool refresh_config();
  void rebuild();
  void add_job(const std::shared_ptr<const ScrapeJob>& job, const std::vector<TargetGroup>& groups);

  const std::filesystem::path file_;
  FileStamp stamp_;
  std::string config_problem_;
  std::vector<std::shared_ptr<const ScrapeJob>> jobs_;
  Labels external_labels_;
  Discovery discovery_;
  std::vector<std::vector<TargetGroup>> groups_;  ///< by job
  std::vector<std::string> target_problems_;
  std::map<std::string, WantedTarget> targets_;
};

}  // namespace sentinella::scrape
