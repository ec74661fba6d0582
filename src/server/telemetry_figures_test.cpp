#include "server/telemetry_figures.h"

#include <gmock/gmock.h>

namespace sentinella::server {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// "canonical labels = value" of each.
std::vector<std::string> said(const TelemetryStanding& standing) {
  std::vector<std::string> out;
  for (const SeriesSamples& one : telemetry_figures(standing, "ctl1", Time{5}))
    out.push_back(fmt::format("{} = {}", one.labels.canonical(), one.samples.at(0).value));
  return out;
}

std::string series(const std::string& name, std::vector<Label> labels, double value) {
  labels.push_back({std::string(kMetricName), "sentinella_telemetry_" + name});
  labels.push_back({"listener", "ctl1"});
  return fmt::format("{} = {}", Labels(std::move(labels)).canonical(), value);
}

TEST(TelemetryFigures, HaveWhatTheShippedRulesAskFor) {
  TelemetryStanding standing;
  standing.agent.brokers = {{"mq1:5672/", true, {}, "", 0, 0}, {"mq2:5672/", false, {}, "refused", 0, 0}};
  standing.agent.dead_letters = 3;
  standing.agent.dead_letters_dropped = 2;
  standing.publishers.resize(1);
  standing.publishers[0].name = "https://bill";
  standing.publishers[0].overflowed = 7;
  standing.publishers[0].failing = true;
  const auto figures = said(standing);
  EXPECT_THAT(figures, Contains(series("broker_connected", {{"broker", "mq1:5672/"}}, 1)));
  EXPECT_THAT(figures, Contains(series("broker_connected", {{"broker", "mq2:5672/"}}, 0)));
  EXPECT_THAT(figures, Contains(series("dead_letters", {}, 3)));
  EXPECT_THAT(figures, Contains(series("dead_letters_dropped_total", {}, 2)));
  EXPECT_THAT(figures, Contains(series("publisher_items_total",
                                       {{"publisher", "https://bill"}, {"fate", "overflowed"}}, 7)));
  EXPECT_THAT(figures, Contains(series("publisher_failing", {{"publisher", "https://bill"}}, 1)));
}

TEST(TelemetryFigures, APollsterThatWasNeverAskedDoesNotCountAsWell) {
  TelemetryStanding standing;
  standing.pollsters = {{"asked", Time{1}, 0, "no answer", true}, {"not.yet", Time{}, 0, "", false}};
  EXPECT_THAT(said(standing), Contains(series("pollster_failing", {{"pollster", "asked"}}, 1)));
  EXPECT_THAT(said(standing), Not(Contains(HasSubstr("not.yet"))));
}

}  // namespace
}  // namespace sentinella::server
