// The long table of alerts: its rows, and what is done to many of them at once. Shapes: openapi.json.
#pragma once

#include "api/context.h"

namespace sentinella::api::native {

Result<Reply> list_alert_rows(RequestContext& call);
/// How many began and ended over time, of those that the filters mean.
Result<Reply> alert_history(RequestContext& call);
/// To whom alerts may be given.
Result<Reply> list_alert_owners(RequestContext& call);
/// Each alert is changed on its own; those that cannot take it are named in the answer.
Result<Reply> act_on_alerts(RequestContext& call);

}  // namespace sentinella::api::native
