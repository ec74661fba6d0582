// Samples and events as others read them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "model/event.h"
#include "telemetry/meter_sample.h"
#include "telemetry/publish/monasca_mapping.h"

namespace sentinella::telemetry {

/// Ceilometer's sample object: {"name", "type", "unit", "volume", "user_id", ... "resource_metadata"}.
boost::json::object plain_sample(const MeterSample& sample);
/// {"message_id", "event_type", "generated", "traits": [[name, type number, value] ...], "raw": {}}.
boost::json::object plain_event(const Event& event);
/// {"message_id", "event_type", "generated", "summary", "host", "service", "traits": {name: typed value}};
/// without the host, the service that it does not have.
boost::json::object described_event(const Event& event);
/// Of the machine that publishes; "localhost" when it has no name.
std::string own_host();
/// The wire form (sample_to_wire) as one MessagePack map, with the publisher's id where one is given, signed
/// with Ceilometer's telemetry_secret ("": not).
std::string packed_sample(const MeterSample& sample, std::string_view secret = "",
                          std::string_view publisher_id = "");
/// Prometheus' prometheus.WriteRequest (remote write 1.0), not yet compressed.
std::string write_request(const std::vector<MeterSample>& samples);
/// Monasca's list of metrics, with the mapping's and these dimensions on each ("" is the text None).
boost::json::array monasca_metrics(const std::vector<MeterSample>& samples, const MonascaMapping& mapping,
                                   const std::map<std::string, std::string>& dimensions);
/// Bodies for Zaqar's POST /v2/queues/QUEUE/messages: a message of each, as plain_sample() and plain_event();
/// none much larger than 200 KiB, for it takes 256.
std::vector<std::string> zaqar_posts(const std::vector<MeterSample>& samples,
                                     const std::vector<Event>& events, std::uint64_t ttl_seconds);
/// The text format 0.0.4; the last sample of each meter and resource.
std::string exposition(const std::vector<MeterSample>& samples);

}  // namespace sentinella::telemetry
