// One entry of meters.yaml, compiled.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "telemetry/meter_definitions.h"
#include "telemetry/type_pattern.h"
#include "telemetry/value_source.h"

namespace sentinella::telemetry {

/// Immutable, thread-safe.
class MeterDefinition {
 public:
  /// The error says which field and why.
  static Result<std::unique_ptr<const MeterDefinition>> compile(const boost::json::object& spec);

  const std::string& name() const { return name_; }  ///< as written: a path, perhaps
  bool matches(std::string_view event_type) const;
  /// Adds what of a notification make() may read.
  void plan_reading(const WantsMetadata& wants_metadata, ReadPlan& plan) const;
  void make(const Notification& notification, const WantsMetadata& wants_metadata, MadeSamples& out) const;

 private:
  enum Attribute : std::uint8_t { kName, kType, kUnit, kVolume, kResource, kUser, kProject, kTimestamp };
  static constexpr std::array<std::string_view, 8> kAttributes{
      "name", "type", "unit", "volume", "resource_id", "user_id", "project_id", "timestamp"};
  using Row = std::array<const boost::json::value*, 8>;  ///< nullptr = no value

  void make_one(const Notification& notification, const Row& row, const WantsMetadata& wants_metadata,
                MadeSamples& out) const;
  Metadata metadata(const Notification& notification, MadeSamples& out) const;
  Metadata make_metadata(const Notification& notification) const;
  bool may_want(const WantsMetadata& wants_metadata) const;
  void add_user_metadata(const Notification& notification, boost::json::object& out) const;

  std::string name_;
  std::vector<TypePattern> event_types_;
  std::array<std::optional<ValueSource>, 8> sources_;
  std::array<bool, 8> looked_up_{};
  bool lookup_ = false;
  std::optional<std::vector<std::pair<std::string, ValueSource>>> metadata_;
  std::optional<ValueSource> user_metadata_;
  std::uint64_t metadata_key_ = 0;  ///< the same for definitions whose two fields above are written alike
};

}  // namespace sentinella::telemetry
