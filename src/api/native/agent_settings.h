// The doors of agent settings: what operators have agents do otherwise than their own files say, and where
// agents ask for it. As handlers.h.
#pragma once

#include "api/context.h"

namespace sentinella::api::native {

Result<Reply> list_agent_settings(RequestContext& call);
Result<Reply> get_agent_settings(RequestContext& call);
Result<Reply> put_agent_settings(RequestContext& call);
Result<Reply> delete_agent_settings(RequestContext& call);
/// What one agent should use, and what it says of that.
Result<Reply> settings_of_agent(RequestContext& call);
/// Agents only: one says what it uses and what it could not use, and learns what it should use.
Result<Reply> ask_for_settings(RequestContext& call);

}  // namespace sentinella::api::native
