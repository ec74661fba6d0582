// The agent's own use of memory and processor against its caps, and what it gives up, step by step, when it
// is over one: first what is dear and can wait, then logs (their files keep them), last all but the host's
// and services' own figures and states.
#pragma once

#include <cstdint>
#include <string>

#include "agent/config/config.h"
#include "base/time.h"

namespace sentinella::agent {

enum class GuardStep : std::uint8_t {
  none,
  slower,  ///< plug-ins and collectors run every kSlower-th time
  paused,  ///< log files, journal and kernel's log too wait where they are
  least,   ///< plug-ins, collectors and checks do not run at all
};
std::string_view to_string(GuardStep step);

/// Not thread-safe; pure.
class SelfGuard {
 public:
  /// How much rarer dear things are under GuardStep::slower and above.
  static constexpr int kSlower = 4;

  explicit SelfGuard(const LimitConfig& limits) : limits_(limits) {}

  /// Once a round: what is resident now, and all processor time used so far. True: the step has changed.
  bool round(Time monotonic, std::uint64_t resident_bytes, double cpu_seconds);

  GuardStep step() const { return step_; }
  /// Which cap is reached, with figures; "" = none. While steps are taken back it says so.
  const std::string& reason() const { return reason_; }
  bool over_memory() const { return over_memory_; }

 private:
  const LimitConfig limits_;
  GuardStep step_ = GuardStep::none;
  std::string reason_;
  bool over_memory_ = false;
  bool begun_ = false;
  Time window_begin_;
  double window_cpu_ = 0;
};

}  // namespace sentinella::agent
