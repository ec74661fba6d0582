// Samples and events of the cloud as records of our own stores: the seam behind which the store lies.
//
// A sample becomes the series ceilometer_<meter> with the labels meter (the name as it was), resource_id,
// project_id, user_id and unit; cumulative meters count, others are gauges. An event keeps its traits, typed
// (model/trait_types.h), and gets a host, a service and a sentence for people.
#pragma once

#include "model/event.h"
#include "model/series.h"
#include "telemetry/event_definitions.h"
#include "telemetry/meter_sample.h"

namespace sentinella::telemetry {

/// What the origin of every event from here says.
inline constexpr std::string_view kOrigin = "openstack";

/// sentinella://, and what Ceilometer's own files call its store: gnocchi://, notifier://, panko:// and the
/// like without a host.
bool is_own_store(std::string_view publisher);

SeriesSamples series_of(const MeterSample& sample);
/// Gives an event of EventDefinitions what it has beside its traits.
void place(Event& event, const Notification& notification);

/// nova-compute, glance-api, keystone ... for "compute.host", "nova-compute:host", "image.host".
std::string service_of_publisher(std::string_view publisher_id);
/// One sentence: "instance web-1 moved to compute2 (live migration)".
std::string summary_of(const Event& event);

}  // namespace sentinella::telemetry
