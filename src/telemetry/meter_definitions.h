// Samples from notifications, as meters.yaml says: Ceilometer's language of meter definitions, whole.
//
//   metric:
//     - name: "disk.root.size"            literal, or a path when it begins with $
//       event_type: "compute.instance.(?!create.start|update).*"   regular expressions, matched at the start
//       type: gauge | delta | cumulative  (or a path when "type" is in lookup)
//       unit: GB
//       volume: $.payload.root_gb         path, number, or {fields: [..], plugin: ..}
//       resource_id, user_id, project_id, timestamp: paths
//       metadata: {key: path}             without it: the whole payload, event_type and host
//       user_metadata: path               its keys "metering.x" become metadata.user_metadata.x
//       lookup: [name, volume]            several samples from one message
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "telemetry/by_event_type.h"
#include "telemetry/meter_sample.h"
#include "telemetry/notification.h"

namespace sentinella::telemetry {

class MeterDefinition;

/// Whether anybody reads the metadata of a meter's samples: to make it is most of what a sample costs.
using WantsMetadata = std::function<bool(const std::string& meter)>;

/// What became of one notification.
struct MadeSamples {
  std::vector<MeterSample> samples;
  std::vector<std::string> skipped;  ///< why a definition that matched gave nothing, when that is odd
  /// What definitions that say the same of metadata have made of this notification, by what they say.
  std::vector<std::pair<std::uint64_t, Metadata>> metadata;
};

/// Not thread-safe: it remembers which definitions a type of event has.
class MeterDefinitions {
 public:
  /// Within a file the later of two definitions with one name holds. kInvalid names the definition.
  static Result<MeterDefinitions> parse(std::string_view yaml);
  /// The samples of several files; a name that an earlier file has is left out of a later one.
  static Result<MeterDefinitions> parse_all(const std::vector<std::string>& files);
  ~MeterDefinitions();
  MeterDefinitions(MeterDefinitions&&) noexcept;
  MeterDefinitions& operator=(MeterDefinitions&&) noexcept;

  /// From now on samples that others have polled must be signed with it ("": need not).
  void require_signatures(std::string secret) { secret_ = std::move(secret); }
  /// A notification telemetry.polling gives the samples that it carries.
  MadeSamples samples(const Notification& notification, const WantsMetadata& wants_metadata = everybody);
  /// Adds what of a notification of this type samples() may read, as long as the same metadata is wanted.
  void plan_reading(std::string_view event_type, const WantsMetadata& wants_metadata, ReadPlan& plan);
  std::size_t size() const;
  static bool everybody(const std::string&) { return true; }

 private:
  MeterDefinitions();
  using Matching = std::vector<const MeterDefinition*>;
  const Matching& matching(std::string_view event_type);

  std::vector<std::unique_ptr<const MeterDefinition>> definitions_;
  std::string secret_;  ///< of others' samples
  ByEventType<Matching> by_type_;
};

}  // namespace sentinella::telemetry
