// How a rule stands with one thing it watches, for people and for Prometheus' API.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/alert.h"
#include "model/labels.h"

namespace sentinella::rules {

struct RuleInstance {
  enum class State : std::uint8_t { ok, pending, firing, recovering, no_data } state = State::ok;
  std::string rule_id;
  std::string host, service, resource;
  Labels labels;                                   ///< of Prometheus' rules: the alert's; else those known
  Labels annotations;                              ///< of Prometheus' rules
  AlertSeverity severity = AlertSeverity::normal;  ///< of the level that fires or is pending
  std::string value;
  Time since;       ///< in this state, by the data
  Time last_heard;  ///< by the server's clock
};
std::string_view to_string(RuleInstance::State state);

}  // namespace sentinella::rules
