#include "agent/collect/memcached.h"

#include <algorithm>

#include "agent/collect/dialogue.h"
#include "agent/collect/words.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxAnswer = 256 << 10;
constexpr std::string_view kEnd = "END\r\n";

constexpr std::pair<std::string_view, const MetricInfo*> kMemcachedFigures[] = {
    {"curr_connections", &metric("memcached_current_connections")},
    {"max_connections", &metric("memcached_max_connections")},
    {"curr_items", &metric("memcached_current_items")},
    {"bytes", &metric("memcached_current_bytes")},
    {"limit_maxbytes", &metric("memcached_limit_bytes")},
    {"get_hits", &metric("memcached_get_hits_total")},
    {"get_misses", &metric("memcached_get_misses_total")},
    {"evictions", &metric("memcached_items_evicted_total")},
    {"listen_disabled_num", &metric("memcached_listen_disabled_total")},
};

}  // namespace

MemcachedSource::MemcachedSource(const SourceConfig& config)
    : address_(
          config.url.substr(config.url.find("://") == std::string::npos ? 0 : config.url.find("://") + 3)) {}

Result<void> write_memcached(std::string_view stats, std::string_view instance, SampleWriter& out) {
  if (!stats.ends_with(kEnd)) return fail(Errc::kCorrupt, "the answer to \"stats\" is not memcached's");
  out.add(metric("memcached_up"), 1, "instance", instance);
  for (std::string_view line : split(stats, '\n')) {
    const auto fields = words(trim(line));
    if (fields.size() != 3 || fields[0] != "STAT") continue;
    const auto* figure = std::ranges::find(kMemcachedFigures, fields[1],
                                           &std::pair<std::string_view, const MetricInfo*>::first);
    if (figure != std::end(kMemcachedFigures))
      out.add(*figure->second, parse_double(fields[2]), {{"instance", instance}});
  }
  return {};
}

Result<void> MemcachedSource::collect(SampleWriter& out) {
  const auto asked = [&]() -> Result<std::string> {
    SENT_TRY_ASSIGN(Dialogue dialogue, Dialogue::open(address_, kLimit));
    SENT_TRY(dialogue.send("stats\r\n"));
    return dialogue.receive_until(kEnd, kMaxAnswer);
  }();
  if (!asked) {
    out.add(metric("memcached_up"), 0, "instance", address_);
    return std::unexpected(asked.error());
  }
  return write_memcached(*asked, address_, out);
}

}  // namespace sentinella::agent
