#include "notify/flapping.h"

#include <algorithm>

namespace sentinella::notify {
namespace {

struct Change {
  Time time;
  double weight = 1;
};

/// Between live and not; from one severity to another counts half.
std::vector<Change> changes(const std::vector<AlertHistory>& history) {
  std::vector<Change> out;
  bool live = false;
  auto severity = AlertSeverity::normal;
  for (const AlertHistory& entry : history) {
    if (is_live(entry.status) != live) {
      live = !live;
      out.push_back({entry.time});
    } else if (live && entry.severity != severity) {
      out.push_back({entry.time, 0.5});
    }
    severity = entry.severity;
  }
  return out;
}

}  // namespace

double flap_score(const std::vector<AlertHistory>& history, Time now) {
  double score = 0;
  for (const auto& [time, weight] : changes(history)) {
    const double age = static_cast<double>((now - time).count()) / static_cast<double>(kFlapWindow.count());
    if (age < 1) score += weight * (0.8 + 0.4 * (1 - std::max(age, 0.0)));
  }
  return score;
}

bool flaps(const Alert& alert, Time now, bool before) {
  const double score = flap_score(alert.history, now);
  if (!before) return score >= kFlapStart && is_live(alert.status);
  return score > kFlapStop || now < calm_at(alert, now);
}

Time calm_at(const Alert& alert, Time now) {
  const std::vector<Change> all = changes(alert.history);
  if (all.empty()) return now;
  return all.back().time + kFlapWindow / 4;
}

}  // namespace sentinella::notify
