// Which alerts a silence or planned work hides just now.
#pragma once

#include <string>
#include <vector>

#include "api/context.h"

namespace sentinella::api::native {

struct MutedAlerts {
  std::vector<std::string> ids;  ///< live ones, at most 10,000
  Time until;                    ///< when the first of what hides one of them ends; zero = nothing is hidden
};

Result<MutedAlerts> muted_alerts(const RequestContext& call);

}  // namespace sentinella::api::native
