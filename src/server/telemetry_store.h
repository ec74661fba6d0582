// Our own store as a publisher of telemetry's pipelines: samples under the ids of their series, resources and
// metrics in the catalogue, events.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "api/context.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "telemetry/processor.h"
#include "telemetry/publish/resource_keeper.h"

namespace sentinella::server {

/// The id of a series, whose definition goes into the batch where it is needed and not there yet. kTooLarge:
/// the account has as many series as it may.
Result<series::Resolved> resolve_into(api::Context& server, AccountId account, const SeriesSamples& series,
                                      Batch& batch);

/// Thread-safe; one hand-over at a time.
class TelemetryStore {
 public:
  /// `server` must outlive it. Without `keeper` (null) nothing is done in the catalogue.
  TelemetryStore(api::Context& server, AccountId account, std::unique_ptr<telemetry::ResourceKeeper> keeper);

  /// Returns when the stores have it, too, so that no more than one batch of each broker lies in memory.
  Result<void> keep(const telemetry::Outgoing& outgoing);

 private:
  struct Key {
    std::uint64_t low = 0, high = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return key.low; }
  };
  Result<void> add(const telemetry::MeterSample& sample, const catalog::MetricPtr& metric, Batch& batch)
      SENT_REQUIRES(mutex_);
  Key key_of(const telemetry::MeterSample& sample, const catalog::MetricPtr& metric) SENT_REQUIRES(mutex_);

  api::Context& server_;
  const AccountId account_;
  Mutex mutex_;
  const std::unique_ptr<telemetry::ResourceKeeper> keeper_;
  std::uint64_t epoch_ SENT_GUARDED_BY(mutex_) = 0;  ///< that the ids are of
  std::unordered_map<Key, SeriesId, KeyHash> ids_ SENT_GUARDED_BY(mutex_);
  std::string scratch_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::server
