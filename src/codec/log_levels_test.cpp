#include "codec/log_levels.h"

#include <gtest/gtest.h>

namespace sentinella::codec {
namespace {

const Time kNow = *parse_rfc3339("2026-11-21T12:00:00Z");

TEST(LogLevels, TheFinestLevelOfTheLastHoursIsTheLevelOfAService) {
  LogLevels levels(6h);
  levels.saw("h", "nova-api", Severity::info, kNow - 1h);
  levels.saw("h", "nova-api", Severity::debug, kNow - 7h);
  levels.saw("h", "neutron", Severity::debug, kNow - 5h);
  levels.saw("h", "neutron", Severity::error, kNow);
  levels.saw("h", "glance", Severity::warning, kNow - 9h);
  levels.saw("h", "glance", Severity::unspecified, kNow);
  const auto all = levels.snapshot(kNow);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].service, "glance");
  EXPECT_EQ(all[0].level, Severity::unspecified);
  EXPECT_EQ(all[0].last_line, kNow - 9h);
  EXPECT_EQ(all[1].level, Severity::debug);
  EXPECT_EQ(all[1].last_debug, kNow - 5h);
  EXPECT_EQ(all[2].level, Severity::info);
  EXPECT_EQ(all[2].last_debug, kNow - 7h);
}

TEST(LogLevels, AnOldLineThatComesLateChangesNothing) {
  LogLevels levels(6h);
  levels.saw("h", "s", Severity::debug, kNow);
  levels.saw("h", "s", Severity::debug, kNow - 20h);
  EXPECT_EQ(levels.snapshot(kNow)[0].level, Severity::debug);
}

}  // namespace
}  // namespace sentinella::codec
