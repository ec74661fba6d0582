// How every node and service is right now, from the agents' reports. Part of the rule engine's state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/account.h"

namespace sentinella::rules {

enum class CheckStatus : std::uint8_t {
  unknown,  ///< the agent is silent, or has not said yet
  up,
  stopping,  ///< stopped on request, within its grace
  down,
  not_here,  ///< configured, but never seen to run on this host
};
std::string_view to_string(CheckStatus status);
/// unknown for any other word.
CheckStatus parse_check_status(std::string_view text);

struct ServiceState {
  std::string host;
  std::string service;
  CheckStatus status = CheckStatus::unknown;
  Time since;
  std::uint32_t pid = 0;
  std::uint32_t processes = 0;
  std::uint32_t restarts_in_hour = 0;
  std::string detail;       ///< evidence of the last change
  std::string log_problem;  ///< "" or what to do about an unreadable log
};

/// A service, or a host (service ""), is in this state from then on.
struct StateChange {
  std::string host;
  std::string service;
  CheckStatus status = CheckStatus::unknown;
  Time at;
};

struct NodeState {
  std::string host;
  CheckStatus status = CheckStatus::unknown;  ///< up while heartbeats come
  Time since;
  Time last_seen;
};

}  // namespace sentinella::rules
