// The query half of Prometheus' HTTP API (prometheus.io/docs/prometheus/2.42/querying/api), under
// /prometheus/api/v1. Parameters come in the URL, in a form, or both.
//
// Answers have Prometheus' shapes, errors too: {"status":"error","errorType":"bad_data","error":"..."} with
// 400 for a bad request, 422 for a query that fails, 503 for one that takes too long. What is read is what
// the caller's account has; nothing is written.
#pragma once

#include "api/router.h"

namespace sentinella::api::prometheus {

Result<Reply> query(RequestContext& call);
Result<Reply> query_range(RequestContext& call);
Result<Reply> format_query(RequestContext& call);
/// We keep no exemplars: the list is empty.
Result<Reply> query_exemplars(RequestContext& call);

/// `start` and `end` are checked but do not narrow the answer: series are listed as long as they are kept.
Result<Reply> series(RequestContext& call);
Result<Reply> labels(RequestContext& call);
Result<Reply> label_values(RequestContext& call);
/// What scraped exporters say of their metrics; of all others the type, as far as it is known.
Result<Reply> metadata(RequestContext& call);
/// What the server itself scrapes for the account; agents' own targets are not known here.
Result<Reply> targets(RequestContext& call);

Result<Reply> status_build_info(RequestContext& call);
Result<Reply> status_runtime_info(RequestContext& call);
/// Empty: options of the server are not the business of those who query.
Result<Reply> status_flags(RequestContext& call);
Result<Reply> status_config(RequestContext& call);
/// How many series an account has, and of what.
Result<Reply> status_tsdb(RequestContext& call);

}  // namespace sentinella::api::prometheus
