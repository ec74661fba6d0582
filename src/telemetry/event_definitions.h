// Events with typed traits from notifications, as event_definitions.yaml says: Ceilometer's language, whole.
//
//   - event_type: compute.instance.*        globs; "!glob" leaves out; only such = everything else
//     traits:
//       instance_id: {fields: payload.instance_id}
//       vcpus: {type: int, fields: [payload.vcpus, payload.flavor.vcpus]}
//       service: {fields: publisher_id, plugin: {name: split, parameters: {segment: 0}}}
//
// The last definition that matches holds. Every event has the default traits service, request_id, project_id,
// tenant_id and user_id, unless its definition says otherwise.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/trait_types.h"
#include "telemetry/by_event_type.h"
#include "telemetry/notification.h"

namespace sentinella::telemetry {

/// What becomes of an event that no definition is for.
enum class Unmatched : std::uint8_t {
  keep,  ///< with the default traits
  drop,
};

/// Not thread-safe: it remembers which definition a type of event has.
class EventDefinitions {
 public:
  /// kInvalid names the definition and the trait.
  static Result<EventDefinitions> parse(std::string_view yaml, Unmatched unmatched);
  ~EventDefinitions();
  EventDefinitions(EventDefinitions&&) noexcept;
  EventDefinitions& operator=(EventDefinitions&&) noexcept;

  /// Id, type, time and traits, by name and then their types (model/trait_types.h): texts cut at 255
  /// characters, numbers in the shortest exact form, instants as RFC 3339. A trait whose value does not fit
  /// its type is left out. nullopt: dropped.
  std::optional<Event> convert(const Notification& notification);
  /// Adds what of a notification of this type convert() may read.
  void plan_reading(std::string_view event_type, ReadPlan& plan);

 private:
  struct Definition;
  EventDefinitions();
  const Definition* matching(std::string_view event_type);

  std::vector<std::unique_ptr<const Definition>> definitions_;
  std::unique_ptr<const Definition> fallback_;
  Unmatched unmatched_ = Unmatched::keep;
  ByEventType<const Definition*> by_type_;
};

}  // namespace sentinella::telemetry
