// The agent's own file with the server's settings on top. What the server may not decide is decided here, on
// the node: whether it is heard at all, which directories it may have logs read from, and whom the agent
// trusts.
#pragma once

#include <string_view>

#include "agent/config/config.h"

namespace sentinella::agent {

/// Pure. kInvalid names the field of the settings at fault; kForbidden: the file does not let the server say
/// so.
Result<LoadedConfig> lay_over_file(std::string_view file, const boost::json::object& settings);

}  // namespace sentinella::agent
