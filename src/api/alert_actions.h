// What people do to alerts, the same at every door.
#pragma once

#include <optional>
#include <string>

#include "alerts/alert_engine.h"
#include "api/context.h"

namespace sentinella::api {

/// Of assign: the owner becomes the name that is meant. kInvalid: the account knows nobody of it.
Result<void> name_owner(const Context& server, const Caller& caller, alerts::ActionRequest& request);

/// Does it, tells the channels and the live stream. Acknowledging and shelving end after the account's
/// default when the request names no time. kForbidden: with a rota only who is on call acknowledges a page,
/// or shelves it. kInvalid: as name_owner(). The request's user is the caller.
Result<Alert> perform(Context& server, const Caller& caller, const std::string& alert_id,
                      alerts::ActionRequest request);
/// The same after name_owner(), which many alerts then have in common.
Result<Alert> perform_named(Context& server, const Caller& caller, const std::string& alert_id,
                            alerts::ActionRequest request);

/// What a note of an alert's history is called at every door.
std::string note_id(const AlertHistory& note);
/// Gives a note other words, or takes it away (no text), and tells the live stream. kNotFound; kForbidden:
/// only its author and admins may.
Result<Alert> change_note(Context& server, const Caller& caller, const std::string& alert_id,
                          const std::string& note, const std::optional<std::string>& text);

}  // namespace sentinella::api
