// What was different before an alert began: on its host, on the hosts of what its service needs, and in the
// whole cloud.
#pragma once

#include <string>
#include <vector>

#include "api/context.h"

namespace sentinella::api::native {

struct ChangeBefore {
  Event event;
  std::string why;  ///< "same host", "on a host it needs: rabbitmq", "whole cloud"
};

/// Of the two hours before, at most 20: first those of its host, then of the hosts it needs (service_map.h),
/// then those of no host; the nearest of each first.
Result<std::vector<ChangeBefore>> changes_before(const Context& server, const Alert& alert);

}  // namespace sentinella::api::native
