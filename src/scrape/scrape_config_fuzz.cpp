#include <cstddef>
#include <cstdint>

#include "scrape/scrape_config.h"
#include "scrape/target.h"

// A prometheus.yml, and what its targets come to; the same bytes as a target file of both kinds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::scrape;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto config = parse_scrape_config(text, "/"))
    for (const ScrapeJob& job : config->jobs)
      for (const TargetGroup& group : job.static_groups)
        for (const std::string& address : group.targets)
          static_cast<void>(make_target(job, address, group.labels));
  static_cast<void>(parse_target_file(text, false));
  static_cast<void>(parse_target_file(text, true));
  return 0;
}
