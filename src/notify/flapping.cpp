#include "notify/flapping.h"

#include <algorithm>

namespace sentinella::notify {
namespace {

/// Times of the changes between live and not.
std::vector<Time> flips(const std::vector<AlertHistory>& history) {
  std::vector<Time> times;
  bool live = false;
  for (const AlertHistory& entry : history) {
    if (is_live(entry.status) == live) continue;
    live = !live;
    times.push_back(entry.time);
  }
  return times;
}

}  // namespace

double flap_score(const std::vector<AlertHistory>& history, Time now) {
  double score = 0;
  for (const Time time : flips(history)) {
    const double age = static_cast<double>((now - time).count()) / static_cast<double>(kFlapWindow.count());
    if (age < 1) score += 0.8 + 0.4 * (1 - std::max(age, 0.0));
  }
  return score;
}

bool flaps(const Alert& alert, Time now, bool before) {
  const double score = flap_score(alert.history, now);
  if (!before) return score >= kFlapStart && is_live(alert.status);
  return score > kFlapStop || now < calm_at(alert, now);
}

Time calm_at(const Alert& alert, Time now) {
  const std::vector<Time> times = flips(alert.history);
  if (times.empty()) return now;
  return times.back() + kFlapWindow / 4;
}

}  // namespace sentinella::notify
