#include "scrape/target_run.h"

#include <algorithm>

#include "base/log.h"

namespace sentinella::scrape {
namespace {

constexpr std::string_view kTargetLog = "scrape";
constexpr std::size_t kMaxFamilies = 10'000;  ///< of a target
constexpr std::size_t kMaxHelpBytes = 1'000;

}  // namespace

TargetRun::TargetRun(const WantedTarget& wanted, const Labels& external)
    : wanted_(wanted),
      series_(*wanted.job, wanted.target.labels, external),
      fetcher_(std::make_unique<Fetcher>(wanted.job->tls)) {
  status_.job = wanted.job->name;
  status_.url = wanted.target.url;
  status_.labels = wanted.target.labels;
  status_.interval = wanted.target.interval;
  status_.timeout = wanted.target.timeout;
}

void TargetRun::configure(const WantedTarget& wanted) {
  if (wanted.job->fingerprint != wanted_.job->fingerprint) {
    series_.configure(*wanted.job);
    fetcher_ = std::make_unique<Fetcher>(wanted.job->tls);
  }
  wanted_ = wanted;
  status_.interval = wanted.target.interval;
  status_.timeout = wanted.target.timeout;
}

void TargetRun::scrape(Time at, std::vector<SeriesSamples>& out) {
  const auto begun = std::chrono::steady_clock::now();
  ScrapeReport report;
  if (auto fetched = fetch(at, out))
    report = std::move(*fetched);
  else
    report.problem = describe(fetched.error());
  report.duration = std::chrono::steady_clock::now() - begun;
  series_.add_report(report, at, out);
  tell(report);
  if (report.up) keep_metadata();
  status_.scraped = true;
  status_.up = report.up;
  status_.problem = report.problem;
  status_.at = at;
  status_.duration = report.duration;
  status_.samples = report.scraped;
}

/// Texts are many and seldom change: they are copied when there are others, and now and then.
void TargetRun::keep_metadata() {
  const auto& families = series_.families();
  const std::size_t count = std::min(families.size(), kMaxFamilies);
  if (metadata_ && metadata_->size() == count && ++scrapes_ % Scraper::kScrapesPerMetadata != 0) return;
  auto metadata = std::make_shared<std::vector<MetricMetadata>>();
  metadata->reserve(count);
  for (const auto& [name, family] : families) {
    if (metadata->size() == count) break;
    metadata->push_back({name, family.type, family.unit, family.help.substr(0, kMaxHelpBytes)});
  }
  metadata_ = std::move(metadata);
}

Result<ScrapeReport> TargetRun::fetch(Time at, std::vector<SeriesSamples>& out) {
  auto page = wanted_.refusal.empty()
                  ? fetcher_->get(*wanted_.job, wanted_.target.url, wanted_.target.timeout)
                  : fail(Errc::kTooLarge, "{}", wanted_.refusal);
  if (page) return series_.take(page->body, page->format, at, out);
  series_.take_nothing(at, out);
  return std::unexpected(std::move(page.error()));
}

/// Changes only: an exporter that stays away is one line.
void TargetRun::tell(const ScrapeReport& report) {
  if (!report.up && (status_.up || !status_.scraped))
    log::warning(kTargetLog, "{} of {} is down: {}", status_.url, status_.job, report.problem);
  if (report.up && status_.scraped && !status_.up)
    log::info(kTargetLog, "{} of {} is up again", status_.url, status_.job);
  if (report.refused > 0 && refused_ == 0)
    log::warning(kTargetLog, "{} of {}: {} lines are refused, {}", status_.url, status_.job, report.refused,
                 report.problem);
  refused_ = report.refused;
}

}  // namespace sentinella::scrape
