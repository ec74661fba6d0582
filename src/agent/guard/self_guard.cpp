#include "agent/guard/self_guard.h"

namespace sentinella::agent {
namespace {

/// A step is taken back when both figures are below this share of their caps: not where it was taken, else it
/// would come and go.
constexpr double kWellBelow = 0.8;

GuardStep next_step(GuardStep step, int by) {
  return static_cast<GuardStep>(static_cast<int>(step) + by);
}

}  // namespace

std::string_view to_string(GuardStep step) {
  switch (step) {
    case GuardStep::none:
      return "none";
    case GuardStep::slower:
      return "plug-ins and collectors run less often";
    case GuardStep::paused:
      return "logs wait in their files, plug-ins and collectors run less often";
    case GuardStep::least:
      return "logs wait in their files, plug-ins, collectors and checks do not run";
  }
  return "";
}

bool SelfGuard::round(Time now, std::uint64_t resident_bytes, double cpu_seconds) {
  if (!begun_) {
    begun_ = true;
    window_begin_ = now;
    window_cpu_ = cpu_seconds;
    return false;
  }
  if (now - window_begin_ < limits_.window) return false;
  const double elapsed = std::chrono::duration<double>(now - window_begin_).count();
  const double cpu = (cpu_seconds - window_cpu_) / elapsed;
  window_begin_ = now;
  window_cpu_ = cpu_seconds;
  const auto resident = static_cast<double>(resident_bytes);
  const auto memory_cap = static_cast<double>(limits_.memory_bytes);
  const GuardStep before = step_;
  over_memory_ = resident > memory_cap;
  if (over_memory_)
    reason_ = fmt::format("{:.0f} MB of memory, and {:.0f} are its cap (limits.memory_mb)", resident / 1e6,
                          memory_cap / 1e6);
  else if (cpu > limits_.cpu_ratio)
    reason_ = fmt::format("{:.0f} % of a processor, and {:.0f} are its cap (limits.cpu_percent)", cpu * 100,
                          limits_.cpu_ratio * 100);
  else if (resident < memory_cap * kWellBelow && cpu < limits_.cpu_ratio * kWellBelow) {
    if (step_ != GuardStep::none) step_ = next_step(step_, -1);
    reason_ = step_ == GuardStep::none ? "" : "it is below its caps again";
    return step_ != before;
  } else {
    return false;
  }
  if (step_ != GuardStep::least) step_ = next_step(step_, 1);
  return step_ != before;
}

}  // namespace sentinella::agent
