// Panko's API v2 (the event part of Ceilometer's), read only: event lists and types for clients that know it.
// Source: panko, panko/api/controllers/v2/events.py.
//
// Queries are q.field, q.op, q.type, q.value, repeated in step: event_type, message_id, start_timestamp and
// end_timestamp mean the event itself and take one operator each, any other field is a trait. all_tenants
// says nothing here: an account is all of them.
#pragma once

#include "api/context.h"

namespace sentinella::api::panko {

Result<Reply> list_events(RequestContext& call);
Result<Reply> get_event(RequestContext& call);
Result<Reply> list_types(RequestContext& call);
Result<Reply> list_trait_names(RequestContext& call);
Result<Reply> list_traits(RequestContext& call);

}  // namespace sentinella::api::panko
