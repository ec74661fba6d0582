#include "agent/tail/log_activity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> written(const LogActivity& activity, Time now) {
  std::vector<SeriesSamples> samples;
  SampleWriter out(samples, "h", now);
  activity.write(out, now);
  std::vector<std::string> texts;
  for (const SeriesSamples& s : samples)
    texts.push_back(fmt::format("{} {}", s.labels.to_string(), s.samples[0].value));
  return texts;
}

TEST(LogActivity, CountsOfAServiceOutliveItsFiles) {
  LogActivity activity;
  activity.follow("svc", kSomeTime);
  activity.count("svc", kSomeTime + 1s, true);
  activity.count("svc", kSomeTime + 2s, false);
  activity.follow("svc", kSomeTime + 3s);  // one of its files is gone, and another has its place
  EXPECT_THAT(written(activity, kSomeTime + 5s),
              ElementsAre(R"(service_log_records_total{host="h",service="svc"} 2)",
                          R"(service_log_silent_seconds{host="h",service="svc"} 2)"));
  EXPECT_EQ(activity.dropped("svc"), 1u);
  EXPECT_EQ(activity.dropped("other"), 0u);
}

}  // namespace
}  // namespace sentinella::agent
