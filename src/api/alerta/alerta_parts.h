// What the handlers of Alerta's API share.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "alerts/alert_engine.h"
#include "api/alerta/alerta_query.h"
#include "api/context.h"
#include "base/json.h"
#include "catalog/heartbeats.h"

namespace sentinella::api::alerta {

/// Ends the object that `json` has begun, with "status":"ok".
Reply ok_reply(JsonWriter& json, int status = 200);
Reply plain_ok();
/// Any fields: clients of several versions send what they know.
Result<boost::json::object> read_body(const net::Request& request);
/// The words of the alarm model that the server is configured for.
const AlarmTerms& terms_of(const Context& server);
/// The one that the path's {id} names: by its id or an unambiguous beginning of it, as its lists show them.
Result<Alert> find_alert(RequestContext& call);
/// Live alerts and the newest of those that have ended, in the query's order.
Result<std::vector<Alert>> select(RequestContext& call, const AlertaQuery& query);

/// {"action":...,"text":...,"timeout":seconds}
Result<alerts::ActionRequest> read_action(const boost::json::object& body);
/// {"status":...}: a status by hand is the action that leads to it.
Result<alerts::ActionRequest> read_status(const boost::json::object& body, const AlarmTerms& terms);
using Edit = std::function<Result<void>(Alert&)>;
/// {"tags":[...]}
Result<Edit> tag_edit(const boost::json::object& body, bool add);
/// {"attributes":{...}}: merged; null removes.
Result<Edit> attribute_edit(const boost::json::object& body);

/// The body of POST /heartbeat, received `now`, under a fresh id. kInvalid and kTooLarge name the field.
Result<catalog::Heartbeat> read_heartbeat(const boost::json::object& body, AccountId account, Time now);
/// A report whose event is Heartbeat is one (alerta_heartbeats.cpp); nullopt: it is an alert, or no report at
/// all.
std::optional<Result<Reply>> heartbeat_in_alert(RequestContext& call);

}  // namespace sentinella::api::alerta
