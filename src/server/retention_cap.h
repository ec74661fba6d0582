// Stricter retention for some, as server.conf writes it: ACCOUNT/PATTERN AGE BYTES, separated by commas.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::server {

struct RetentionCap {
  std::string account;  ///< "*" = each
  std::string pattern;  ///< of services or metrics; may have * and ?
  Duration max_age{0};
  Duration raw_age{0};          ///< of metrics: "raw=7d"
  std::uint64_t max_bytes = 0;  ///< 0 = no limit, as for the ages
};

/// kInvalid: with what is wrong.
Result<std::vector<RetentionCap>> parse_log_caps(std::string_view text);
/// Bytes are of all metrics of an account: only with the pattern *.
Result<std::vector<RetentionCap>> parse_metric_caps(std::string_view text);

}  // namespace sentinella::server
