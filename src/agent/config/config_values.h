// Values of single keys of the configuration. Pure; kInvalid names the key.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/config/config.h"

namespace sentinella::agent {

Result<double> number_value(std::string_view key, const boost::json::value& value, double least, double most);
/// Without blanks around it.
Result<void> read_text(std::string_view key, const boost::json::value& value, std::string* into);

/// {"broker": [5672], "database": [3306]}
Result<PeerPorts> parse_peer_ports(const boost::json::value& value);
/// {"memory_mb": 112, "cpu_percent": 50, "window_seconds": 10}
Result<LimitConfig> parse_limits(const boost::json::value& value);
/// {"rack": "r12", "role": "compute"}
Result<std::vector<std::pair<std::string, std::string>>> parse_tags(const boost::json::value& value);

}  // namespace sentinella::agent
