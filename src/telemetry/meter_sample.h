// One measurement of a resource of the cloud, as Ceilometer's samples are: from a notification, a pollster or
// a transformer, on its way to the publishers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::telemetry {

enum class MeterType : std::uint8_t {
  gauge,       ///< a value that goes up and down
  delta,       ///< how much was added
  cumulative,  ///< grows, and begins anew at zero
};
std::string_view to_string(MeterType type);
std::optional<MeterType> parse_meter_type(std::string_view text);

/// Shared between samples of one origin; never changed.
using Metadata = std::shared_ptr<const boost::json::object>;

/// What a sample of another agent says of where it is from, beside the ids.
struct SampleOrigin {
  std::string source = "openstack";
  std::optional<std::string> user_name, project_name;
  friend bool operator==(const SampleOrigin&, const SampleOrigin&) = default;
};

struct MeterSample {
  std::string name;  ///< "disk.root.size"
  MeterType type = MeterType::gauge;
  std::string unit;
  double volume = 0;
  std::optional<std::string> user_id, project_id;
  std::string resource_id;
  Time timestamp;
  Metadata metadata;                           ///< nullptr = none
  std::optional<double> monotonic_time;        ///< seconds of the poller's steady clock
  std::shared_ptr<const SampleOrigin> origin;  ///< nullptr = as SampleOrigin begins; never changed
  std::string id;                              ///< "" until somebody outside needs one
  bool from_notification = false;  ///< ours alone, on no wire: a definition made it of a notification
  std::string event_type;          ///< of that notification; ours alone as well

  const boost::json::object& resource_metadata() const;
};

/// The object with which the telemetry services tell samples to each other: counter_name, counter_volume,
/// resource_metadata ... (the payload of telemetry.polling; udp, tcp and notifier publishers).
Result<MeterSample> sample_from_wire(const boost::json::value& wire);
boost::json::object sample_to_wire(const MeterSample& sample);

}  // namespace sentinella::telemetry
