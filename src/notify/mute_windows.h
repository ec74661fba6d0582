// When a maintenance, or a silence, holds within a span of time.
#pragma once

#include <vector>

#include "notify/policy.h"

namespace sentinella::notify {

/// Cut at the range; of a recurring one each time, which may overlap; in the order of their beginnings.
std::vector<TimeRange> windows_within(const Mute& mute, TimeRange range);

}  // namespace sentinella::notify
