#include "scrape/target_list.h"

#include "base/log.h"

namespace sentinella::scrape {
namespace {

constexpr std::string_view kTargetListLog = "scrape";
constexpr std::size_t kMaxProblems = 20;

}  // namespace

bool TargetList::refresh() {
  const bool configured = refresh_config();
  std::vector<std::vector<TargetGroup>> groups;
  discovery_.begin_round();
  for (const auto& job : jobs_) groups.push_back(discovery_.groups_of(*job));
  discovery_.end_round();
  if (!configured && groups == groups_) return false;
  groups_ = std::move(groups);
  rebuild();
  return true;
}

bool TargetList::refresh_config() {
  const FileStamp stamp = stamp_of(file_);
  if (stamp == stamp_ && stamp.inode != 0) return false;
  stamp_ = stamp;
  auto config = load_scrape_config(file_);
  if (!config) {
    const std::string problem = describe(config.error());
    if (problem != config_problem_) log::error(kTargetListLog, "{}", problem);
    config_problem_ = problem;
    return false;
  }
  config_problem_.clear();
  for (const std::string& warning : config->warnings)
    log::warning(kTargetListLog, "{}: {}", file_.string(), warning);
  log::info(kTargetListLog, "{}: {} jobs", file_.string(), config->jobs.size());
  external_labels_ = std::move(config->external_labels);
  jobs_.clear();
  for (ScrapeJob& job : config->jobs) jobs_.push_back(std::make_shared<const ScrapeJob>(std::move(job)));
  return true;
}

void TargetList::rebuild() {
  targets_.clear();
  target_problems_.clear();
  for (std::size_t i = 0; i < jobs_.size(); ++i) add_job(jobs_[i], groups_[i]);
}

void TargetList::add_job(const std::shared_ptr<const ScrapeJob>& job,
                         const std::vector<TargetGroup>& groups) {
  std::map<std::string, WantedTarget> wanted;
  for (const TargetGroup& group : groups)
    for (const std::string& address : group.targets) {
      auto target = make_target(*job, address, group.labels);
      if (target && *target) {
        std::string key = job->name + '\n' + (*target)->key() + external_labels_.canonical();
        wanted.try_emplace(std::move(key), WantedTarget{job, std::move(**target), ""});
      } else if (!target && target_problems_.size() < kMaxProblems) {
        target_problems_.push_back(fmt::format("job {}: {}", job->name, describe(target.error())));
      }
    }
  if (job->limits.targets != 0 && wanted.size() > job->limits.targets)
    for (auto& [key, target] : wanted)
      target.refusal =
          fmt::format("{} targets are over the target_limit of {}", wanted.size(), job->limits.targets);
  targets_.merge(wanted);
}

std::vector<std::string> TargetList::problems() const {
  std::vector<std::string> all;
  if (!config_problem_.empty()) all.push_back(config_problem_);
  all.insert(all.end(), discovery_.problems().begin(), discovery_.problems().end());
  all.insert(all.end(), target_problems_.begin(), target_problems_.end());
  return all;
}

}  // namespace sentinella::scrape
