// statsd into the metrics of one resource, as Gnocchi's own daemon does it: of an interval counters are added
// up, of gauges and timers (in milliseconds) the last value holds; the metric is called "name|type".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "api/context.h"
#include "api/gnocchi/options.h"
#include "base/mutex.h"
#include "catalog/resource_registry.h"

namespace sentinella::api::gnocchi {

/// Thread-safe. What came since the last flush goes with the process.
class StatsdCollector {
 public:
  /// All must outlive it.
  StatsdCollector(Context& server, catalog::ResourceRegistry& registry, const Options& options,
                  AccountId account);

  /// Lines of one datagram. Those that are no c, g or ms are left out; bad ones are counted.
  void take(std::string_view datagram);
  /// One sample of each metric that something came for, at `now`. Makes the resource and metrics that are
  /// missing. An error is why nothing could be stored; what the disk says later is logged.
  Result<void> flush(Time now);
  std::uint64_t bad_lines() const;

 private:
  Context& server_;
  catalog::ResourceRegistry& registry_;
  const Options& options_;
  const AccountId account_;
  mutable Mutex mutex_;
  std::map<std::string, double> values_ SENT_GUARDED_BY(mutex_);  ///< of the interval, by metric
  std::uint64_t bad_ SENT_GUARDED_BY(mutex_) = 0;
};

}  // namespace sentinella::api::gnocchi
