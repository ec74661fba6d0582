// Zones as people write them in configuration and parameters.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::codec {

/// "+02:00", "-0130", "Z", "". A blank in front is a plus that a URL has eaten. kInvalid, field "zone".
Result<Duration> parse_log_zone(std::string_view text);

}  // namespace sentinella::codec
