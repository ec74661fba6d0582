// What a request asks to be done to an alert.
#pragma once

#include "api/alert_actions.h"
#include "base/json.h"

namespace sentinella::api::native {

/// "action", and "text" and "timeout" where given; a note must have a text, and assign an "owner".
Result<alerts::ActionRequest> read_action(const boost::json::object& body);
/// "text": what a note is changed to.
Result<std::string> read_note(const boost::json::object& body);

}  // namespace sentinella::api::native
