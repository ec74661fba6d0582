// Which files the logs of the configuration are: patterns are looked up anew from time to time, because what
// they match comes and goes.
#pragma once

#include <string>
#include <vector>

#include "agent/tail/log_follower.h"

namespace sentinella::agent {

/// As configured: no journal; `path` may hold * and ?.
struct WantedLog {
  std::string service;
  std::string path;
};

/// Whether it stands for whatever matches it.
bool is_pattern(const std::string& path);

struct FoundLogs {
  std::vector<FollowedLog> logs;  ///< each path once, of the first service that wants it
  std::vector<std::pair<std::string, std::string>> problems;  ///< service, what is wrong with its pattern
};

/// Plain paths whether they exist or not, and what the patterns match now: regular files that are no
/// rotation of another or of one in `known` (a log is missing for a moment while it is rotated) and not
/// compressed, of each at most 128.
FoundLogs find_logs(const std::vector<WantedLog>& wanted, const std::vector<std::string>& known = {});

}  // namespace sentinella::agent
