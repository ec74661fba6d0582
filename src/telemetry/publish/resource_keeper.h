// Resources and metrics in our own catalogue, made, changed and ended by what samples and events of the cloud
// say, as gnocchi_resources.yaml has it: what Gnocchi's clients then see.
//
// Samples make what they are of. The metadata of polled ones and events' traits say what is known of it; that
// of notifications' samples only where no event makes or changes such a resource. What a resource was before
// is kept as a revision. An event that is older than the newest revision changes nothing.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "catalog/resource_registry.h"
#include "model/account.h"
#include "telemetry/publish/resource_kinds.h"

namespace sentinella::telemetry {

/// Not thread-safe.
class ResourceKeeper {
 public:
  /// Who has made the resources that are made here.
  static constexpr std::string_view kCreator = "telemetry";

  /// `registry` must outlive it.
  ResourceKeeper(catalog::ResourceRegistry& registry, AccountId account, ResourceKinds kinds);

  /// Everything that was new is in the catalogue, durably, when it returns. The metrics of the samples, in
  /// their order; null: no kind has this meter.
  Result<std::vector<catalog::MetricPtr>> take(std::span<const MeterSample> samples,
                                               std::span<const Event> events);

 private:
  struct OfMeter {
    const ResourceKind* kind = nullptr;  ///< null: none
    std::string policy;
  };
  using OfEvent = std::vector<std::pair<const ResourceKind*, ResourceAct>>;
  /// What a batch has to do in the catalogue.
  struct Work;

  const OfMeter& of_meter(const std::string& meter);
  const OfEvent& of_event(const std::string& type);
  catalog::MetricPtr find(const MeterSample& sample) const;
  bool says_something_new(const ResourceKind& kind, const MeterSample& sample, std::uint64_t& digest);
  Result<void> carry_out(const Work& work);
  Result<void> apply(catalog::ResourceEdit& edit, const ResourceKind& kind, ResourceAct act,
                     const Event& event);
  Result<void> ensure_resource(catalog::ResourceEdit& edit, const ResourceKind& kind,
                               const MeterSample& sample);
  Result<void> end_if_told(catalog::ResourceEdit& edit, const std::string& name);
  Result<void> ensure_metric(catalog::ResourceEdit& edit, const OfMeter& meter, const MeterSample& sample);
  Result<std::string> ensure_policy(catalog::ResourceEdit& edit, const std::string& meter,
                                    const std::string& wanted);

  catalog::ResourceRegistry& registry_;
  const AccountId account_;
  const ResourceKinds kinds_;
  std::unordered_map<std::string, OfMeter> by_meter_;
  std::unordered_map<std::string, OfEvent> by_event_;
  std::unordered_map<std::string, Time> ends_;           ///< of what was not known when its end was told
  std::unordered_map<std::string, std::uint64_t> told_;  ///< digest of a resource's metadata, by its name
};

}  // namespace sentinella::telemetry
