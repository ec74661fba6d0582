#include "agent/tail/log_activity.h"

#include <algorithm>

namespace sentinella::agent {

LogActivity::Service& LogActivity::of(std::string_view service, Time now) {
  Service& found = services_[std::string(service)];
  found.last = now;
  return found;
}

void LogActivity::count(std::string_view service, Time now, bool sent) {
  Service& counted = of(service, now);
  ++counted.records;
  counted.dropped += !sent;
}

std::uint64_t LogActivity::dropped(std::string_view service) const {
  const auto found = services_.find(service);
  return found == services_.end() ? 0 : found->second.dropped;
}

void LogActivity::write(SampleWriter& out, Time now) const {
  for (const auto& [name, service] : services_) {
    out.add(metric("service_log_records_total"), static_cast<double>(service.records), "service", name);
    out.add(metric("service_log_silent_seconds"),
            std::max(0.0, std::chrono::duration<double>(now - service.last).count()), "service", name);
  }
}

}  // namespace sentinella::agent
