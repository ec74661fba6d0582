#include "codec/log_levels.h"

#include <algorithm>

namespace sentinella::codec {

void LogLevels::saw(std::string_view host, std::string_view service, Severity severity, Time at) {
  if (severity == Severity::unspecified) return;
  std::pair key(std::string{host}, std::string{service});
  Lock lock(mutex_);
  auto found = services_.find(key);
  if (found == services_.end()) {
    if (services_.size() >= kMaxServices) return;
    found = services_.emplace(std::move(key), Newest{}).first;
  }
  Time& newest = found->second[static_cast<std::size_t>(severity)];
  newest = std::max(newest, at);
}

std::vector<ServiceLogLevel> LogLevels::snapshot(Time now) const {
  std::vector<ServiceLogLevel> out;
  Lock lock(mutex_);
  for (const auto& [key, newest] : services_) {
    ServiceLogLevel& level = out.emplace_back(ServiceLogLevel{key.first, key.second, {}, {}, {}});
    // Severities are ordered by badness, so the first that is recent is the finest.
    for (std::size_t i = kSeverities; i-- > 1;)
      if (newest[i].ns != 0 && now - newest[i] <= window_) level.level = static_cast<Severity>(i);
    level.last_line = *std::ranges::max_element(newest);
    level.last_debug = std::max(newest[static_cast<std::size_t>(Severity::trace)],
                                newest[static_cast<std::size_t>(Severity::debug)]);
  }
  return out;
}

}  // namespace sentinella::codec
