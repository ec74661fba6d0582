#include "notify/flapping.h"

#include <gtest/gtest.h>

namespace sentinella::notify {
namespace {

TEST(Flapping, BeginsWithAnOpeningOnlyAndCountsNewerTransitionsMore) {
  Alert alert;
  const auto flip = [&](std::int64_t minute, AlertStatus status) {
    AlertHistory entry;
    entry.time = Time{} + std::chrono::minutes(minute);
    entry.status = status;
    alert.history.push_back(entry);
    alert.status = status;
  };
  const auto at = [](std::int64_t minute) { return Time{} + std::chrono::minutes(minute); };
  for (const int minute : {0, 2}) {
    flip(minute, AlertStatus::open);
    flip(minute + 1, AlertStatus::closed);
  }
  EXPECT_NEAR(flap_score(alert.history, at(3)), 4 * 1.2, 0.1);
  EXPECT_FALSE(flaps(alert, at(3), false));
  flip(4, AlertStatus::open);
  EXPECT_TRUE(flaps(alert, at(4), false));
  flip(5, AlertStatus::closed);
  EXPECT_FALSE(flaps(alert, at(5), false)) << "not while it is well";
  EXPECT_TRUE(flaps(alert, at(5), true));
  EXPECT_FALSE(flaps(alert, at(66), true));
}

TEST(Flapping, AChangeOfSeverityCountsHalf) {
  std::vector<AlertHistory> history(3);
  for (AlertHistory& entry : history) entry.status = AlertStatus::open;
  history[0].severity = history[2].severity = AlertSeverity::warning;
  history[1].severity = AlertSeverity::critical;
  EXPECT_NEAR(flap_score(history, Time{}), 1.2 + 0.6 + 0.6, 1e-9);
}

}  // namespace
}  // namespace sentinella::notify
