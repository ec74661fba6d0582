// What kind of resource a sample is of, and what is known of it: Ceilometer's gnocchi_resources.yaml.
//
//   resources:
//     - resource_type: instance
//       metrics: [cpu, "memory.*"]          names or globs, or a mapping name: {archive_policy_name: ...}
//       attributes: {host: resource_metadata.(instance_host|host), display_name:
//       resource_metadata.display_name}
//
// The last definition that names a metric holds. Other keys are read by whoever they are for.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "telemetry/meter_sample.h"
#include "telemetry/value_source.h"

namespace sentinella::telemetry {

struct ResourceKind {
  std::string type;
  std::vector<std::pair<std::string, std::string>> metrics;  ///< glob, archive policy ("" = none said)
  std::vector<std::pair<std::string, ValueSource>> attributes;
};

/// Immutable, thread-safe.
class ResourceKinds {
 public:
  /// kInvalid names the definition.
  static Result<ResourceKinds> parse(std::string_view yaml);
  /// nullptr: no definition names this meter. `policy` becomes what it says of it.
  const ResourceKind* of(std::string_view meter, std::string& policy) const;

 private:
  std::vector<ResourceKind> kinds_;
};

/// Of the sample's wire form (sample_to_wire), what the kind's paths find; what they do not is left out.
boost::json::object attributes_of(const ResourceKind& kind, const MeterSample& sample);

}  // namespace sentinella::telemetry
