// Alertmanager's API v2 (prometheus/alertmanager, api/v2/openapi.yaml) under /alertmanager, so that a
// Prometheus sends its alerts here and amtool lists and silences them.
//
// What differs: callers need credentials; alerts of our own rules are listed, too; errors have the form of
// every door; a posted alert that nobody posts again is resolved after its endsAt, or five minutes, as
// upstream.
#pragma once

#include "api/context.h"

namespace sentinella::api::alertmanager {

void post_alerts(RequestContext& call, Answer answer);
Result<Reply> list_alerts(RequestContext& call);
Result<Reply> list_groups(RequestContext& call);
Result<Reply> list_silences(RequestContext& call);
Result<Reply> post_silence(RequestContext& call);
Result<Reply> get_silence(RequestContext& call);
Result<Reply> delete_silence(RequestContext& call);
Result<Reply> status(RequestContext& call);
Result<Reply> receivers(RequestContext& call);
Result<Reply> healthy(RequestContext& call);

}  // namespace sentinella::api::alertmanager
