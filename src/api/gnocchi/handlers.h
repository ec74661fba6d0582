// What this door does, by noun. Each takes a request whose sender is known and may use the route; whether it
// may do this to this thing is the handler's to say. Those with a Finish answer later, from any thread.
#pragma once

#include "api/gnocchi/call.h"

namespace sentinella::api::gnocchi {

// ---- about.cpp
Outcome<Reply> list_versions(Call& call);
Outcome<Reply> list_links(Call& call);
Outcome<Reply> healthcheck(Call& call);
Outcome<Reply> capabilities(Call& call);
Outcome<Reply> status(Call& call);

// ---- policies.cpp
Outcome<Reply> list_policies(Call& call);
Outcome<Reply> post_policy(Call& call);
Outcome<Reply> get_policy(Call& call);
Outcome<Reply> patch_policy(Call& call);
Outcome<Reply> delete_policy(Call& call);
Outcome<Reply> list_rules(Call& call);
Outcome<Reply> post_rule(Call& call);
Outcome<Reply> get_rule(Call& call);
Outcome<Reply> patch_rule(Call& call);
Outcome<Reply> delete_rule(Call& call);

// ---- metrics.cpp
Outcome<Reply> list_metrics(Call& call);
Outcome<Reply> post_metric(Call& call);
Outcome<Reply> get_metric(Call& call);
Outcome<Reply> delete_metric(Call& call);
Outcome<Reply> list_resource_metrics(Call& call);
Outcome<Reply> post_resource_metrics(Call& call);
Outcome<Reply> get_resource_metric(Call& call);
Outcome<Reply> delete_resource_metric(Call& call);

// ---- measures.cpp
Outcome<Reply> get_measures(Call& call);
Outcome<Reply> get_resource_measures(Call& call);
void post_measures(Call& call, Finish finish);
void delete_measures(Call& call, Finish finish);
void post_resource_measures(Call& call, Finish finish);
void post_metric_batch(Call& call, Finish finish);
void post_resource_batch(Call& call, Finish finish);

// ---- resources.cpp
Outcome<Reply> list_resources_by_type(Call& call);
Outcome<Reply> list_resources(Call& call);
Outcome<Reply> post_resource(Call& call);
Outcome<Reply> get_resource(Call& call);
Outcome<Reply> patch_resource(Call& call);
Outcome<Reply> delete_resource(Call& call);
Outcome<Reply> delete_resources(Call& call);
Outcome<Reply> resource_history(Call& call);
Outcome<Reply> search_resources(Call& call);

// ---- resource_types.cpp
Outcome<Reply> list_types(Call& call);
Outcome<Reply> post_type(Call& call);
Outcome<Reply> get_type(Call& call);
Outcome<Reply> patch_type(Call& call);
Outcome<Reply> delete_type(Call& call);

// ---- search_metrics.cpp
Outcome<Reply> search_metrics(Call& call);

// ---- aggregates.cpp
Outcome<Reply> post_aggregates(Call& call);

// ---- aggregation.cpp
Outcome<Reply> aggregate_metrics(Call& call);
Outcome<Reply> aggregate_resources(Call& call);

// ---- import.cpp
Outcome<Reply> import_things(Call& call);

// ---- influxdb.cpp
Outcome<Reply> influxdb_ping(Call& call);
Outcome<Reply> influxdb_query(Call& call);
void influxdb_write(Call& call, Finish finish);

// ---- prometheus.cpp
void prometheus_write(Call& call, Finish finish);

}  // namespace sentinella::api::gnocchi
