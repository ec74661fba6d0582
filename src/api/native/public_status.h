// The status page that an account shows to everybody who has its address: which services were up, and nothing
// that says where they run, who was told or why.
#pragma once

#include <string>

#include "api/native/uptime_table.h"
#include "base/time.h"

namespace sentinella::api::native {

inline constexpr int kStatusDays = 90;

/// As PublicStatus in openapi.json; `now` is the end of what the table is about.
std::string public_status_json(const std::string& title, const UptimeTable& table, Time now);

}  // namespace sentinella::api::native
