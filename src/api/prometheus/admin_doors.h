// The part of Prometheus' TSDB admin API that has a meaning here
// (prometheus.io/docs/prometheus/2.42/querying/api, "TSDB Admin APIs"), under /prometheus/api/v1/admin/tsdb,
// for operators of the account.
#pragma once

#include "api/router.h"

namespace sentinella::api::prometheus {

/// match[] (one at least), start and end, both included and neither needed: 204 when the samples are gone.
void delete_series(RequestContext& call, Answer answer);
/// 204: what is deleted is gone at once, so there is nothing to do.
Result<Reply> clean_tombstones(RequestContext& call);

}  // namespace sentinella::api::prometheus
