// What the configuration says of logs: which files, and how much of each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace sentinella::agent {

/// Of each log; 0 = no limit.
struct LogLimits {
  std::uint64_t records_per_second = 0;
  std::uint64_t bytes_per_second = 0;
  friend bool operator==(const LogLimits&, const LogLimits&) = default;
};

/// A path, a form of tail/journal_entry.h, or a list of at most 16 of them; paths may hold * and ?. "" and an
/// empty list are none. kInvalid names the field.
Result<std::vector<std::string>> parse_logs(std::string_view field, const boost::json::value& value);

/// {"records_per_second": N, "bytes_per_second": N}; what is not there is as in `otherwise`.
Result<LogLimits> parse_log_limits(std::string_view field, const boost::json::value& value,
                                   LogLimits otherwise);

}  // namespace sentinella::agent
