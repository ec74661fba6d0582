// Finding and making the things that more than one noun's handlers deal with.
#pragma once

#include <string>
#include <vector>

#include "api/gnocchi/call.h"
#include "api/gnocchi/filter.h"

namespace sentinella::api::gnocchi {

/// 404 "Resource type ... does not exist".
Outcome<const catalog::ResourceType*> find_type(const catalog::MeteringRules& rules, const std::string& name);
/// 404; also when it is of another type (the generic one is everybody's), or the caller may not see it.
Outcome<catalog::ResourcePtr> find_resource(const Call& call, const std::string& type,
                                            const std::string& name);
/// 404; `text` must be a UUID.
Outcome<catalog::MetricPtr> find_metric(const Call& call, const std::string& text);
Outcome<catalog::MetricPtr> find_resource_metric(const Call& call, const std::string& type,
                                                 const std::string& resource, const std::string& name);
Failure no_metric(std::string_view name);
bool may_see(const Call& call, const catalog::Metric& metric);

/// A new metric with the policy asked for, or that of the rules. 400.
Outcome<catalog::Metric> make_metric(const Call& call, const catalog::MeteringRules& rules,
                                     std::optional<std::string> name, std::optional<std::string> unit,
                                     std::optional<std::string> policy);

/// What {"name": "<id>" or {definition} ...} asks for: ids of metrics that are there, and definitions.
struct WantedMetric {
  std::string name;
  std::optional<Uuid> id;
  std::optional<std::string> policy, unit;
};
Outcome<std::vector<WantedMetric>> read_wanted_metrics(const boost::json::value& json, const Path& path);
/// Puts them into the resource.
Outcome<void> put_metrics(const Call& call, catalog::ResourceEdit& edit, const Uuid& resource,
                          const std::vector<WantedMetric>& wanted);

/// A resource as it is or was.
struct Found {
  catalog::ResourcePtr resource;
  std::shared_ptr<const catalog::Resource> revision;
};
using TakeFound = std::function<void(Found)>;
/// All that the caller may see of a type and for which the filter holds, in no particular order; with
/// `history` what they were before, too, where the filter holds for that. Histories are read from disk as
/// they are taken: there may be many times more than there are resources.
Outcome<void> visit_resources(const Call& call, const std::string& type, const Filter& filter, bool history,
                              const TakeFound& take);
/// A resource's revisions, the oldest first.
Outcome<void> visit_history(const Call& call, const catalog::ResourcePtr& resource, const TakeFound& take);
/// As visit_resources(), at once. 400: more than Options::max_revisions.
Outcome<std::vector<Found>> find_resources(const Call& call, const std::string& type, const Filter& filter,
                                           bool history);

/// The filter of ?filter= or, when there is none, of the body; an empty one holds for all.
Outcome<Filter> requested_filter(const Call& call, const catalog::ResourceType& type);

/// start and stop. 400 "Argument value error".
struct Interval {
  std::optional<Time> start, stop;
};
Outcome<Interval> read_interval(const Call& call);
/// 400 "Unable to parse timespan".
Outcome<std::optional<Duration>> span_parameter(const Call& call, std::string_view name);

}  // namespace sentinella::api::gnocchi
