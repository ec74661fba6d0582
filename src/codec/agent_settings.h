// What a server may have an agent do otherwise than the agent's own file says. Both sides read it here: the
// server before it keeps settings, the agent before it uses them.
//
//   {"interval_seconds": 5, "discover": true, "kernel_log": false, "log_level": "DEBUG",
//    "log_limits": {"records_per_second": 1000}, "spool_max_bytes": 536870912, "server_url":
//    ["https://a:8420", "https://b:8420"], "watch": {"kernel_events": false, "exit_info": true}, "services":
//    {"heat-api": {"process": "heat-api", "log": "/var/log/heat/heat-api.log"}, "nova-api": false}, "checks":
//    {"keystone-vip": "https://cloud.example:5000/v3"}}
//
// There is no key that runs a program, names a file with a secret, or changes whom the agent trusts; a key
// that is not above is an error.
#pragma once

#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"

namespace sentinella::codec {

inline constexpr std::size_t kMaxAgentSettings = 64u << 10;

/// Form and bounds of each key. kInvalid and kTooLarge name the field.
Result<void> check_agent_settings(const boost::json::object& settings);
/// The same from text.
Result<boost::json::object> parse_agent_settings(std::string_view text);

/// Puts `above` on `below`: key by key, services and checks one by one.
void lay_over(boost::json::object& below, const boost::json::object& above);

}  // namespace sentinella::codec
