// The ways in which OpenStack's services write an instant: Python's str(datetime) and isoformat(), with a
// space or a T, with or without fraction and zone. Without a zone it is UTC.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace sentinella::telemetry {

/// "2026-11-21 10:05:17", "2026-11-21T10:05:18.095481", "...+00:00", "...+0000", "...Z", "2026-11-21".
std::optional<Time> parse_datetime(std::string_view text);

}  // namespace sentinella::telemetry
