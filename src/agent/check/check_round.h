// Asks many targets at once whether they answer, within one time limit. Blocking; no thread per target.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/check/check_target.h"
#include "base/time.h"

namespace sentinella::agent {

struct CheckOutcome {
  bool up = false;
  Duration took{};
  std::string problem{};          ///< "" when up
  int status = 0;                 ///< of http; 0 = none
  std::optional<Time> expires{};  ///< when the first certificate of the chain stops being valid; of https
  bool asked = true;              ///< false: it could not even be asked, for want of a token
};

/// One outcome per target, in order. Whom a certificate belongs to and who signed it is not judged unless the
/// target wants it: that is the clients' business, and they differ; how long it lasts is told. Names are
/// looked up one after the other by the system's resolver, which keeps its own time. Thread-safe.
std::vector<CheckOutcome> run_checks(const std::vector<CheckTarget>& targets, Duration timeout);

}  // namespace sentinella::agent
