// The one table of every route of every door, with the role it needs.
#pragma once

#include <vector>

#include "api/router.h"

namespace sentinella::api {

std::vector<Route> all_routes();

}  // namespace sentinella::api
