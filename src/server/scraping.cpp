#include "server/scraping.h"

#include <atomic>

#include "base/log.h"
#include "catalog/accounts.h"
#include "scrape/scrape_config.h"

namespace sentinella::server {
namespace {

constexpr std::string_view kScrapingLog = "scrape";

/// Says once that the intake refuses, and once that it takes again.
class RefusalLog {
 public:
  void note(const Result<bus::Offset>& taken) {
    const bool refused = !taken;
    if (refusing_.exchange(refused) == refused) return;
    if (refused)
      log::error(kScrapingLog, "scraped samples are lost: {}", describe(taken.error()));
    else
      log::info(kScrapingLog, "scraped samples are taken again");
  }

 private:
  std::atomic<bool> refusing_ = false;
};

}  // namespace

Result<Scraping> start_scraping(const Config& config, catalog::Database& database, ingest::Intake& intake) {
  if (config.scrape_config.empty()) return Scraping{};
  SENT_TRY(scrape::load_scrape_config(config.scrape_config));
  Account account;
  SENT_TRY(database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(account, catalog::find_account(tx, config.scrape_account));
    return {};
  }));
  const auto refusals = std::make_shared<RefusalLog>();
  auto scraper = std::make_unique<scrape::Scraper>(
      scrape::ScraperOptions{.config_file = config.scrape_config},
      [&intake, refusals, id = account.id](Batch batch) {
        batch.account = id;
        batch.received = system_clock().now();
        intake.submit(std::move(batch), ingest::Until::durable,
                      [refusals](const Result<bus::Offset>& taken) { refusals->note(taken); });
      },
      system_clock());
  return Scraping{account.id, std::move(scraper)};
}

}  // namespace sentinella::server
