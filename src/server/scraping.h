// The server's own scraping of exporters: what is scraped goes the way of everything that comes in.
#pragma once

#include <memory>

#include "catalog/database.h"
#include "ingest/intake.h"
#include "scrape/scraper.h"
#include "server/config.h"

namespace sentinella::server {

struct Scraping {
  AccountId account{};  ///< whose the samples are
  std::unique_ptr<scrape::Scraper> scraper;
};

/// No scraper when the configuration names no file. kInvalid: the file, or the account. `intake` must outlive
/// the scraper.
Result<Scraping> start_scraping(const Config& config, catalog::Database& database, ingest::Intake& intake);

}  // namespace sentinella::server
