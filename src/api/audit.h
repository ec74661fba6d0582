// Who changed what through the API, as change events: they stand in the journal like every other event, are
// found under /api/v1/changes?type=audit.*; those of rules and nodes are among what changed before an alert.
#pragma once

#include <optional>
#include <string>

#include "api/context.h"
#include "model/event.h"

namespace sentinella::api {

struct Route;

/// A request that may change what lasts: known before its handler runs.
struct Act {
  std::string method;
  std::string pattern;
  std::string path;
  std::string id;  ///< the {id} or {host} of the path; "" = none
  std::string request_id;
  Caller caller;
};
/// nullopt for what only reads, tries out or sends data, and for what people do to alerts: those have a
/// history.
std::optional<Act> act_of(const Route& route, const RequestContext& call);

/// The event of an act that succeeded. Of the answer only its name, reason and id are taken: no secret gets
/// in.
Event audit_event(const Act& act, const std::string& answer, Time now);

/// `answer`, which first makes the event durable when the handler succeeded.
Answer audited(Context& server, Act act, Answer answer);

}  // namespace sentinella::api
