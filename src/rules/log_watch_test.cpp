#include "rules/rules_fixture.h"

namespace sentinella::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kRules = R"(sentinella_rules:
- id: no-valid-host
  kind: tailable
  event: NoValidHost
  severity: major
  summary: Nothing was found to run an instance on
  match: {service: nova-conductor, pattern: "No valid host was found|NoValidHost"}
  quiet: 10m
- id: burst
  kind: tailable
  event: LogErrors
  severity: minor
  summary: Errors in the log
  match: {level: ">=ERROR", not: "InstanceNotFound|NoValidHost|No valid host"}
  count: {n: 3, window: 1m}
  by: [host, service, component]
  clear_match: "Reconnected"
- id: silent
  kind: binary
  event: AgentSilent
  severity: major
  summary: silent
  check: {heartbeat: true}
)";

class LogWatchTest : public RulesTest {
 protected:
  void SetUp() override { use(std::string(kRules)); }
  void live_until(std::int64_t ms) {
    for (std::int64_t t = (now - at(0)) / 1ms + 5000; t < ms; t += 5000) heartbeat(t);
    tick_until(ms);
  }
};

TEST_F(LogWatchTest, OneFailedBuildIsOneAlertHoweverManyLinesItWrote) {
  say(1000, {record(1000, Severity::warning, "Failed: NoValidHost", "req-1"),
             record(1001, Severity::error, "No valid host was found.", "req-1")});
  say(1500, {record(1400, Severity::error, "NoValidHost_Remote", "req-1")});
  EXPECT_THAT(said(), ElementsAre("firing NoValidHost c1/nova-conductor major",
                                  "repeated NoValidHost c1/nova-conductor major"));
  EXPECT_EQ(signals[0].evidence.size(), 2u);
  EXPECT_EQ(signals[0].evidence[0].text, "raw Failed: NoValidHost");
  EXPECT_EQ(signals[0].evidence[1].id, (RecordId{1, 1}));
  EXPECT_EQ(signals[1].count, 0u) << "more lines of the same trouble, not more trouble";
  EXPECT_EQ(signals[1].evidence.size(), 1u);
}

TEST_F(LogWatchTest, MatchesInATracebackCount) {
  LogRecord r = record(1000, Severity::error, "Build failed");
  r.traceback = "Traceback ...\nnova.exception.NoValidHost: none";
  say(1000, {r});
  EXPECT_THAT(said(), ElementsAre("firing NoValidHost c1/nova-conductor major"));
}

TEST_F(LogWatchTest, TheAlertSaysWhatTheLineSaysAndNotHowItBegins) {
  LogRecord r = record(1000, Severity::error, "NoValidHost: none left\nand more");
  r.component = "nova.conductor.manager";
  say(1000, {r});
  EXPECT_EQ(signals.at(0).text, "nova.conductor.manager: NoValidHost: none left");
  EXPECT_THAT(signals[0].evidence[0].text, testing::StartsWith("raw "));
}

TEST_F(LogWatchTest, RepeatsAreMergedPerBatch) {
  std::vector<LogRecord> many;
  for (int i = 0; i < 50; ++i)
    many.push_back(record(1000 + i, Severity::error, "NoValidHost", "req-" + std::to_string(i)));
  say(1000, many);
  say(2000, many);  // new batch, and the last 32 requests are known
  EXPECT_THAT(said(), ElementsAre("firing NoValidHost c1/nova-conductor major",
                                  "repeated NoValidHost c1/nova-conductor major",
                                  "repeated NoValidHost c1/nova-conductor major"));
  EXPECT_EQ(signals[1].count, 49u);
  EXPECT_LE(signals[2].evidence.size(), 20u);
}

TEST_F(LogWatchTest, AWindowSlidesByTheRecordsOwnTimes) {
  heartbeat(1000);
  say(1000, {record(1000, Severity::error, "a")});
  say(40'000, {record(40'000, Severity::error, "b")});
  say(70'000, {record(70'000, Severity::error, "c")});
  EXPECT_THAT(said(), testing::Not(testing::Contains(testing::HasSubstr("LogErrors"))));
  say(80'000, {record(80'000, Severity::error, "d")});
  EXPECT_THAT(said(), ElementsAre("firing LogErrors c1/nova-conductor/nova.conductor.manager minor"));
}

TEST_F(LogWatchTest, ExcludedLinesAndMilderLevelsDoNotCount) {
  for (int i = 0; i < 9; ++i)
    say(1000 + i, {record(1000, Severity::error, "InstanceNotFound"), record(1000, Severity::warning, "a")});
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(LogWatchTest, QuietResolvesAndAMatchPutsItOff) {
  heartbeat(0);
  say(1000, {record(1000, Severity::error, "NoValidHost")});
  live_until(500'000);
  say(500'000, {record(500'000, Severity::error, "NoValidHost")});
  live_until(1'099'999);
  EXPECT_THAT(said(), ElementsAre("firing NoValidHost c1/nova-conductor major",
                                  "repeated NoValidHost c1/nova-conductor major"));
  live_until(1'100'000);
  EXPECT_THAT(said(), ElementsAre("resolved NoValidHost c1/nova-conductor normal"));
}

TEST_F(LogWatchTest, TheQuietClockStandsStillWhileTheAgentIsSilent) {
  heartbeat(0);
  say(1000, {record(1000, Severity::error, "NoValidHost")});
  tick_until(5'000'000);
  EXPECT_THAT(said(),
              ElementsAre("firing NoValidHost c1/nova-conductor major", "firing AgentSilent c1 major"));
  heartbeat(5'000'000);
  said();
  live_until(5'000'000 + 570'999);
  EXPECT_THAT(said(), IsEmpty());
  live_until(5'000'000 + 571'000);
  EXPECT_THAT(said(), ElementsAre("resolved NoValidHost c1/nova-conductor normal"));
}

TEST_F(LogWatchTest, LinesInASpoolPutTheEndOffAfterTheServerOrTheAgentWasAway) {
  heartbeat(0);
  say(1000, {record(1000, Severity::error, "NoValidHost")});
  live_until(600'000);
  consume(batch(900'000));  // one second was left
  tick_until(930'000);
  say(930'000, {record(800'000, Severity::error, "NoValidHost")});
  EXPECT_THAT(said(), ElementsAre("firing NoValidHost c1/nova-conductor major",
                                  "repeated NoValidHost c1/nova-conductor major"));
  heartbeat(930'000);
  live_until(1'529'000);
  said();
  consume(batch(1'600'000));
  tick_until(1'634'000);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(LogWatchTest, ThePausedQuietClockLeavesTimeForTheSpool) {
  use(std::string(kRules) + "  stale_after: 599s\n");
  heartbeat(0);
  say(500, {record(500, Severity::error, "NoValidHost")});
  tick_until(700'000);
  heartbeat(700'000);
  said();
  live_until(730'000);
  EXPECT_THAT(said(), IsEmpty());
  live_until(735'000);
  EXPECT_THAT(said(), ElementsAre("resolved NoValidHost c1/nova-conductor normal"));
}

TEST_F(LogWatchTest, TheClearPatternResolvesAtOnce) {
  say(1000, {record(1000, Severity::error, "a"), record(1001, Severity::error, "b"),
             record(1002, Severity::error, "c")});
  said();
  say(2000, {record(2000, Severity::info, "Reconnected to AMQP")});
  EXPECT_THAT(said(), ElementsAre("resolved LogErrors c1/nova-conductor/nova.conductor.manager normal"));
  say(3000, {record(3000, Severity::error, "a")});
  EXPECT_THAT(said(), IsEmpty()) << "counting begins anew";
}

TEST_F(LogWatchTest, TheTemplateMayBePartOfTheKey) {
  use(R"(sentinella_rules:
- id: critical
  kind: tailable
  event: LogCritical
  severity: major
  summary: x
  match: {level: ">=CRITICAL"}
  by: [host, template]
)");
  LogRecord a = record(1000, Severity::critical, "a"), b = a;
  a.template_id = 1;
  b.template_id = 2;
  say(1000, {a, b, a});
  EXPECT_THAT(said(), ElementsAre("firing LogCritical c1/0000000000000001 major",
                                  "repeated LogCritical c1/0000000000000001 major",
                                  "firing LogCritical c1/0000000000000002 major"));
}

TEST_F(LogWatchTest, AnOpenAlertKeepsItsEventWhenItsRuleIsRenamed) {
  heartbeat(0);
  say(1000, {record(1000, Severity::error, "NoValidHost")});
  std::string renamed(kRules);
  renamed.replace(renamed.find("event: NoValidHost"), 18, "event: NoHost");
  use(renamed);
  say(2000, {record(2000, Severity::error, "NoValidHost")});
  live_until(602'000);
  EXPECT_THAT(said(), ElementsAre("firing NoValidHost c1/nova-conductor major",
                                  "repeated NoValidHost c1/nova-conductor major",
                                  "resolved NoValidHost c1/nova-conductor normal"));
}

TEST_F(LogWatchTest, HostileKeysAreBounded) {
  std::vector<LogRecord> flood;
  for (int i = 0; i < 20'000; ++i) {
    LogRecord r = record(1000, Severity::error, "x");
    r.host = "h" + std::to_string(i);
    flood.push_back(r);
  }
  say(1000, flood);
  EXPECT_LE(engine->take_dirty_states().size(), 5001u);
}

}  // namespace
}  // namespace sentinella::rules
