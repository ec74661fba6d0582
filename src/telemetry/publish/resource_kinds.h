// What kind of resource a sample or event is of, and what is known of it: Ceilometer's
// gnocchi_resources.yaml.
//
//   archive_policy_default: ceilometer-low
//   archive_policies: [{name, aggregation_methods, back_window, definition: [{granularity, timespan,
//   points}]}] resources:
//     - resource_type: instance
//       metrics: [cpu, "memory.*"]          names or globs, or a mapping name: {archive_policy_name: ...}
//       attributes: {host: resource_metadata.(instance_host|host)}      paths into a sample
//       attribute_types: {launched_at: datetime}                        else they are texts
//       event_create, event_update, event_delete: globs of event types
//       event_attributes: {id: instance_id, host: host}                 traits; id defaults to resource_id
//       event_associated_resources: {instance_disk: instance_id}        end with it: those whose attribute is
//       its
//                                                   id, or Ceilometer's '{"=": {"instance_id": "%s"}}'
//
// The last definition that names a metric holds; within it, the last pattern.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "catalog/resource.h"
#include "model/event.h"
#include "telemetry/meter_sample.h"
#include "telemetry/value_source.h"

namespace sentinella::telemetry {

struct ResourceKind {
  std::string type;
  std::vector<std::pair<std::string, std::string>> metrics;  ///< glob, archive policy ("" = none said)
  std::vector<std::pair<std::string, ValueSource>> attributes;
  std::map<std::string, catalog::AttributeKind> attribute_types;
  std::vector<std::string> event_create, event_update, event_delete;  ///< globs
  std::vector<std::pair<std::string, std::string>> event_attributes;  ///< attribute, trait
  std::vector<std::pair<std::string, std::string>> associated;        ///< type, its attribute that is our id

  /// With every attribute that one of the two maps names.
  catalog::ResourceType catalog_type() const;
};

/// What an event says of a resource.
enum class ResourceAct : std::uint8_t { create, update, end };

/// Immutable, thread-safe.
class ResourceKinds {
 public:
  /// kInvalid names the definition.
  static Result<ResourceKinds> parse(std::string_view yaml);
  /// nullptr: no definition names this meter. `policy` becomes what it says of it, or "".
  const ResourceKind* of(std::string_view meter, std::string& policy) const;
  /// Every kind that a type of event is about.
  std::vector<std::pair<const ResourceKind*, ResourceAct>> of_event(std::string_view type) const;
  /// By which what ends with another resource is found.
  std::set<std::string> associated_attributes() const;
  const std::vector<catalog::ArchivePolicy>& policies() const { return policies_; }
  const std::string& default_policy() const { return default_policy_; }

 private:
  std::vector<ResourceKind> kinds_;
  std::vector<catalog::ArchivePolicy> policies_;
  std::string default_policy_;
};

/// Of the sample's wire form (sample_to_wire), what the kind's paths find; what they do not is left out.
boost::json::object attributes_of(const ResourceKind& kind, const MeterSample& sample);
/// Of the event's traits.
boost::json::object attributes_of(const ResourceKind& kind, const Event& event);

}  // namespace sentinella::telemetry
