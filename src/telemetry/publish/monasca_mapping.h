// Which fields of a sample are dimensions of Monasca's metric and which of its metadata are said beside the
// value: Ceilosca's monasca_field_definitions.yaml.
//
//   dimensions: [resource_id, project_id, user_id, region, type, unit, source]      fields of the sample
//   metadata:
//     common: [event_type, availability_zone]          of every meter: a member of the metadata, a.b of one
//     in it image.size: [status, {image_type: $.properties.image_type}]           of this one, too; a name
//     and a path
//
// What a sample does not have is the text None, as Ceilometer's publisher says it; so is what is neither
// text, number nor truth value.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "telemetry/json_path.h"
#include "telemetry/meter_sample.h"

namespace sentinella::telemetry {

/// Immutable, thread-safe.
class MonascaMapping {
 public:
  /// kInvalid names the place: "metadata.image.size".
  static Result<MonascaMapping> parse(std::string_view yaml);

  boost::json::object dimensions(const MeterSample& sample) const;
  /// Empty for a sample without metadata.
  boost::json::object value_meta(const MeterSample& sample) const;

 private:
  struct Entry {
    std::string name;
    JsonPath path;
  };
  using Entries = std::vector<Entry>;
  static Result<Entry> read_entry(const boost::json::value& spec);
  static Result<Entries> read_entries(const boost::json::value& spec, const std::string& place);
  static void add(const Entries& entries, const boost::json::value& metadata, boost::json::object& out);

  std::vector<std::string> dimensions_;
  Entries common_;
  std::map<std::string, Entries, std::less<>> of_meters_;
};

}  // namespace sentinella::telemetry
