// One address to scrape: what a job's settings and relabelling make of an entry of its target groups.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "model/labels.h"
#include "scrape/scrape_config.h"

namespace sentinella::scrape {

struct Target {
  std::string url;
  Labels labels;  ///< those that its series get: job, instance and whatever was given
  Duration interval{};
  Duration timeout{};

  /// Tells it from every other target of its job, over reloads.
  std::string key() const { return labels.canonical() + url; }
};

/// nullopt: relabelling dropped it. kInvalid: no address, or one that cannot be scraped; says which.
Result<std::optional<Target>> make_target(const ScrapeJob& job, const std::string& address,
                                          const Labels& group);

/// How long after `now` a target is scraped first. The same target always falls on the same instants,
/// `interval` apart, and many targets spread evenly over them. `seed` sets apart those who scrape the same.
Duration first_delay(const Target& target, Time now, std::uint64_t seed);

}  // namespace sentinella::scrape
