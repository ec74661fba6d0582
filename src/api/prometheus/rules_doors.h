// Prometheus' /api/v1/rules and /api/v1/alerts, in its shape, for Grafana and promtool: every rule of the
// account, groups of Prometheus as they are, rules of our own in a group per kind.
#pragma once

#include "api/router.h"

namespace sentinella::api::prometheus {

/// `type`: alert or record.
Result<Reply> rules(RequestContext& call);
/// What is pending or fires.
Result<Reply> alerts(RequestContext& call);

}  // namespace sentinella::api::prometheus
