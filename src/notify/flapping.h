// An alert that opens and closes over and over, or goes up and down between severities: a score of its
// transitions in the last hour, newer ones counting more. It begins with an opening or a worse severity,
// never with an all-clear, and ends once things have been quiet for a while.
#pragma once

#include "model/alert.h"

namespace sentinella::notify {

inline constexpr Duration kFlapWindow = std::chrono::hours(1);
inline constexpr double kFlapStart = 5;
inline constexpr double kFlapStop = 2;

/// 0.8 to 1.2 for each change between open and closed within the window before `now`, by age; half of it for
/// a change of severity.
double flap_score(const std::vector<AlertHistory>& history, Time now);
/// Whether the alert counts as flapping after its latest transition, given whether it did before.
bool flaps(const Alert& alert, Time now, bool before);
/// When an alert that flaps may have calmed down, if nothing more happens.
Time calm_at(const Alert& alert, Time now);

}  // namespace sentinella::notify
