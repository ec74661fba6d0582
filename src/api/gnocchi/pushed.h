// Samples whose sender names a resource and metrics, and expects both to be made: InfluxDB's and Prometheus'
// write requests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/gnocchi/call.h"
#include "api/gnocchi/samples.h"

namespace sentinella::api::gnocchi {

struct PushedMetric {
  std::vector<Time> times;
  std::vector<double> values;
};
struct PushedResource {
  std::map<std::string, catalog::AttributeValue> attributes;
  std::map<std::string, PushedMetric> metrics;  ///< by name
};
/// By the name that the sender gives the resource.
using Pushed = std::map<std::string, PushedResource>;

/// Makes what is missing of the type, resources and metrics (the rules must have a policy for each), and
/// stores the samples; `finish` is called with `status`. 409: a resource is of another type.
void store_pushed(const Call& call, const catalog::ResourceType& type, const Pushed& pushed, Finish finish,
                  int status);

}  // namespace sentinella::api::gnocchi
