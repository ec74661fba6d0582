#include "rules/rules_fixture.h"

namespace sentinella::rules {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::string_view kRules = R"(sentinella_rules:
- id: service-down
  kind: binary
  event: ServiceDown
  tier: ticket
  severity: critical
  summary: A service does not run
  check: {process: "*"}
  crash_loop: {count: 3, window: 10m}
- id: silent
  kind: binary
  event: AgentSilent
  severity: major
  summary: silent
  check: {heartbeat: true}
  stale_after: 30s
)";

class ServiceWatchTest : public RulesTest {
 protected:
  void SetUp() override {
    use(std::string(kRules));
    snapshot(0, 1, 100);
    said();
  }
  /// Heartbeats keep the host alive.
  void live_until(std::int64_t ms) {
    for (std::int64_t t = (now - at(0)) / 1ms + 5000; t < ms; t += 5000) heartbeat(t);
    tick_until(ms);
  }
};

TEST_F(ServiceWatchTest, ACrashWithoutAReplacementFiresAfterTwoHundredMilliseconds) {
  crashed(1000, 100);
  EXPECT_THAT(said(), ElementsAre("event service.crashed c1/nova-compute"));
  EXPECT_EQ(engine->next_deadline(), at(1200));
  tick_until(1199);
  EXPECT_THAT(said(), IsEmpty());
  tick_until(1200);
  EXPECT_THAT(said(), ElementsAre("firing ServiceDown c1/nova-compute critical"));
  EXPECT_EQ(signals.back().text,
            "nova-compute on c1 was killed by signal 9 (SIGKILL) and nothing replaced it within 200ms");
  EXPECT_EQ(signals.back().at, at(1000));
  EXPECT_EQ(status(), CheckStatus::down);
  started(9000, 101);
  EXPECT_THAT(said(), ElementsAre("resolved ServiceDown c1/nova-compute normal",
                                  "event service.restarted c1/nova-compute"));
  EXPECT_EQ(status(), CheckStatus::up);
}

TEST_F(ServiceWatchTest, AQuickReplacementIsAnEventAndNoAlert) {
  crashed(1000, 100);
  started(1100, 101);
  tick_until(5000);
  EXPECT_THAT(said(), ElementsAre("event service.crashed c1/nova-compute",
                                  "event service.restarted c1/nova-compute"));
  EXPECT_EQ(engine->services(kAccount)[0].restarts_in_hour, 1u);
}

TEST_F(ServiceWatchTest, AReplacementThatReportsTooLateStillMeantAnOutage) {
  crashed(1000, 100);
  Batch late = batch(1201);
  late.reports.push_back(report(StateReport::Kind::started, "c1", "nova-compute"));
  late.reports[0].pid = 101;
  late.reports[0].at = at(1900);
  consume(late);
  EXPECT_THAT(
      said(),
      ElementsAre("event service.crashed c1/nova-compute", "firing ServiceDown c1/nova-compute critical",
                  "resolved ServiceDown c1/nova-compute normal", "event service.restarted c1/nova-compute"));
}

TEST_F(ServiceWatchTest, OrderlyRestartsPageNobodyHoweverMany) {
  std::int64_t t = 1000;
  for (std::uint32_t pid = 100; pid < 120; ++pid, t += 20000) {
    stopped(t, pid);
    EXPECT_EQ(status(), CheckStatus::stopping);
    heartbeat(t + 9000);
    started(t + 12000, pid + 1);
  }
  EXPECT_THAT(said(), Each(StartsWith("event service.")));
}

TEST_F(ServiceWatchTest, AnOrderlyStopIsDownAfterItsGraceOnly) {
  stopped(1000, 100);
  live_until(90'999);
  EXPECT_THAT(said(), ElementsAre("event service.stopped c1/nova-compute"));
  live_until(91'000);
  EXPECT_THAT(said(), ElementsAre("firing ServiceDown c1/nova-compute critical"));
  EXPECT_THAT(signals.back().text,
              HasSubstr("was stopped on request and was not started again within 1m30s"));
}

TEST_F(ServiceWatchTest, WorkersThatOutliveAStoppedMainProcessDoNotMakeItACrash) {
  stopped(1000, 100);
  snapshot(2000, 2, 103);
  snapshot(12'000, 0, 0);
  snapshot(22'000, 0, 0);
  EXPECT_EQ(status(), CheckStatus::stopping);
  EXPECT_THAT(said(), ElementsAre("event service.stopped c1/nova-compute"));
}

TEST_F(ServiceWatchTest, WorkersThatOutliveACrashedMainProcessOnlyDelayTheAlert) {
  crashed(1000, 100);
  snapshot(1050, 2, 103);
  snapshot(11'000, 0, 0);
  EXPECT_THAT(said(), ElementsAre("event service.crashed c1/nova-compute",
                                  "firing ServiceDown c1/nova-compute critical"));
}

TEST_F(ServiceWatchTest, TwoSnapshotsWithoutAProcessAreADeath) {
  snapshot(10'000, 0, 0);
  EXPECT_THAT(said(), IsEmpty());
  snapshot(20'000, 0, 0);
  EXPECT_THAT(said(), ElementsAre("firing ServiceDown c1/nova-compute critical"));
  snapshot(30'000, 1, 200);
  EXPECT_THAT(said(), ElementsAre("resolved ServiceDown c1/nova-compute normal"));
}

TEST_F(ServiceWatchTest, AServiceNeverSeenOnThisHostIsNotHereAndNeverDown) {
  for (std::int64_t t = 10'000; t < 200'000; t += 10'000) snapshot(t, 0, 0, false, "cinder-volume");
  EXPECT_EQ(status("cinder-volume"), CheckStatus::not_here);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(ServiceWatchTest, OneOfSeveralMainProcessesMayDie) {
  started(1000, 200);
  crashed(2000, 100);
  heartbeat(5000);
  EXPECT_EQ(status(), CheckStatus::up);
  said();
  crashed(6000, 200);
  tick_until(6200);
  EXPECT_THAT(said(), ElementsAre("event service.crashed c1/nova-compute",
                                  "firing ServiceDown c1/nova-compute critical"));
}

TEST_F(ServiceWatchTest, APidWhoseEndWasMissedDoesNotHideTheNextDeath) {
  snapshot(10'000, 1, 300);  // 100 is gone, and nobody said so
  crashed(11'000, 300);
  tick_until(11'200);
  EXPECT_THAT(said(), testing::Contains("firing ServiceDown c1/nova-compute critical"));
}

TEST_F(ServiceWatchTest, ThreeCrashesInTheWindowAreACrashLoopThatEndsAfterAQuietWindow) {
  std::int64_t t = 1000;
  for (std::uint32_t pid = 100; pid < 103; ++pid, t += 20'000) {
    crashed(t, pid);
    started(t + 100, pid + 1);
  }
  EXPECT_EQ(std::ranges::count(lines, "firing CrashLoop c1/nova-compute critical"), 1);
  said();
  for (; t < 641'000; t += 10'000) snapshot(t, 1, 103);
  EXPECT_THAT(said(), IsEmpty());
  snapshot(641'200, 1, 103);
  EXPECT_THAT(said(), ElementsAre("resolved CrashLoop c1/nova-compute normal"));
}

TEST_F(ServiceWatchTest, CrashesFarApartThatASpoolBringsTogetherAreNoCrashLoop) {
  Batch spooled = batch(3'600'000);
  for (std::uint32_t i = 0; i < 3; ++i) {
    StateReport end = report(StateReport::Kind::exited, "c1", "nova-compute");
    end.pid = 100 + i;
    end.exit = StateReport::Exit::crash;
    end.at = at(1000 + i * 900'000);
    StateReport start = report(StateReport::Kind::started, "c1", "nova-compute");
    start.pid = 101 + i;
    start.at = end.at + 100ms;
    spooled.reports.push_back(end);
    spooled.reports.push_back(start);
  }
  consume(spooled);
  EXPECT_EQ(engine->services(kAccount)[0].restarts_in_hour, 3u);
  EXPECT_THAT(said(), Each(StartsWith("event service.")));
}

TEST_F(ServiceWatchTest, AStopInOrderIsNotTheRunThatEndsACrashLoop) {
  std::int64_t t = 1000;
  for (std::uint32_t pid = 100; pid < 103; ++pid, t += 20'000) {
    crashed(t, pid);
    started(t + 100, pid + 1);
  }
  stopped(70'000, 103);
  live_until(400'000);
  snapshot(400'000, 0, 0);
  live_until(730'000);
  started(730'000, 104);
  said();
  for (t = 740'000; t <= 1'330'000; t += 10'000) snapshot(t, 1, 104);
  EXPECT_THAT(said(), IsEmpty());
  snapshot(1'331'000, 1, 104);
  EXPECT_THAT(said(), ElementsAre("resolved CrashLoop c1/nova-compute normal"));
}

TEST_F(ServiceWatchTest, ACrashLoopThatWentOnWhileTheServerWasAwayIsNotOver) {
  std::int64_t t = 1000;
  for (std::uint32_t pid = 100; pid < 103; ++pid, t += 20'000) {
    crashed(t, pid);
    started(t + 100, pid + 1);
  }
  said();
  Batch spooled = batch(1'200'000);
  StateReport before = report(StateReport::Kind::snapshot, "c1", "nova-compute");
  before.processes = 1;
  before.pid = 103;
  before.at = at(90'000);
  spooled.reports.push_back(before);
  consume(spooled);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(ServiceWatchTest, ASilentAgentIsOneAlertAndResolvesNothing) {
  crashed(1000, 100);
  snapshot(1500, 1, 50, true, "nova-api");
  said();
  tick_until(31'500);
  EXPECT_THAT(said(), ElementsAre("firing AgentSilent c1 major"));
  EXPECT_EQ(status(), CheckStatus::unknown);
  EXPECT_EQ(status("nova-api"), CheckStatus::unknown);
  tick_until(300'000);
  EXPECT_THAT(said(), IsEmpty());
  heartbeat(300'500);
  EXPECT_THAT(said(), ElementsAre("resolved AgentSilent c1 normal"));
  snapshot(301'000, 0, 0);  // still down: no second alert, no recovery
  EXPECT_EQ(status(), CheckStatus::down);
  EXPECT_THAT(said(), IsEmpty());
  snapshot(311'000, 1, 400);
  EXPECT_THAT(said(), ElementsAre("resolved ServiceDown c1/nova-compute normal"));
}

TEST_F(ServiceWatchTest, HostsThatFallSilentTogetherAreToldTogether) {
  heartbeat(1000);
  for (int n = 0; n < 39; ++n) heartbeat(1000 + n * 240, fmt::format("n{:02}", n));
  for (const int ms : {11'000, 20'000, 30'000, 40'000}) heartbeat(ms, "well");
  EXPECT_THAT(said(), IsEmpty()) << "the last of them may still come";
  tick_until(40'500);
  const auto told = said();
  EXPECT_THAT(told, SizeIs(40));
  EXPECT_THAT(told, Each(StartsWith("firing AgentSilent ")));
  // One that dies alone has nobody to wait for.
  heartbeat(42'000);
  said();
  for (const int ms : {50'000, 60'000, 70'000}) heartbeat(ms, "well");
  tick_until(71'999);
  EXPECT_THAT(said(), IsEmpty());
  tick_until(72'000);
  EXPECT_THAT(said(), ElementsAre("firing AgentSilent c1 major"));
}

TEST_F(ServiceWatchTest, AHostThatShutsDownInOrderIsOneAlert) {
  stopped(1000, 100);
  tick_until(500'000);
  EXPECT_THAT(said(), ElementsAre("event service.stopped c1/nova-compute", "firing AgentSilent c1 major"));
}

TEST_F(ServiceWatchTest, AnOutageOfTheServerItselfFiresNothing) {
  stopped(1000, 100);
  said();
  consume(batch(600'000));
  tick_until(600'500);
  EXPECT_THAT(said(), IsEmpty());
  started(601'000, 101);
  EXPECT_THAT(said(), ElementsAre("event service.restarted c1/nova-compute"));
}

TEST_F(ServiceWatchTest, AfterAnOutageOfTheServerAgentsHaveTimeToComeBack) {
  crashed(1000, 100);  // the report of its replacement is in the agent's spool
  said();
  consume(batch(600'000));
  tick_until(630'000);
  EXPECT_THAT(said(), IsEmpty());
  Batch spooled = batch(630'000);
  spooled.reports.push_back(report(StateReport::Kind::started, "c1", "nova-compute"));
  spooled.reports[0].pid = 101;
  spooled.reports[0].at = at(1100);
  consume(spooled);
  EXPECT_THAT(said(), ElementsAre("event service.restarted c1/nova-compute"));
}

TEST_F(ServiceWatchTest, AQuickRestartOfTheServerTakesNoServiceForDead) {
  crashed(1000, 100);  // the report of its replacement finds the server gone, and waits
  said();
  Batch first = batch(1100);
  first.tick = first.server_started = true;
  consume(first);
  tick_until(30'000);
  EXPECT_THAT(said(), IsEmpty());
  started(30'000, 101);
  EXPECT_THAT(said(), ElementsAre("event service.restarted c1/nova-compute"));
}

TEST_F(ServiceWatchTest, AServiceThatIsDeadAfterAQuickRestartOfTheServerIsDown) {
  crashed(1000, 100);
  said();
  Batch first = batch(1100);
  first.tick = first.server_started = true;
  consume(first);
  heartbeat(30'000);
  EXPECT_THAT(said(), IsEmpty());
  tick_until(36'100);
  EXPECT_THAT(said(), ElementsAre("firing ServiceDown c1/nova-compute critical"));
}

TEST_F(ServiceWatchTest, AnAgentThatDoesNotComeBackAfterAnOutageOfTheServerIsSilent) {
  consume(batch(600'000));
  tick_until(634'999);
  EXPECT_THAT(said(), IsEmpty());
  tick_until(635'000);
  EXPECT_THAT(said(), ElementsAre("firing AgentSilent c1 major"));
}

TEST_F(ServiceWatchTest, ADeletedRuleClosesItsAlert) {
  crashed(1000, 100);
  tick_until(2000);
  said();
  use("sentinella_rules: []");
  EXPECT_THAT(said(), ElementsAre("resolved ServiceDown c1/nova-compute normal"));
  EXPECT_EQ(signals.back().text, "rule deleted");
}

TEST_F(ServiceWatchTest, TheMostSpecificRuleGoverns) {
  use(std::string(kRules) + R"(
- id: compute-down
  kind: binary
  event: ComputeDown
  severity: minor
  summary: x
  check: {process: nova-comp*}
)");
  crashed(1000, 100);
  tick_until(2000);
  EXPECT_THAT(said(), testing::Contains("firing ComputeDown c1/nova-compute minor"));
  EXPECT_THAT(signals.back().rule_id, "compute-down");
}

TEST_F(ServiceWatchTest, AHostTakenOutOfServiceLeavesNoAlert) {
  crashed(1000, 100);
  tick_until(2000);
  said();
  note(engine->forget_host(kAccount, "c1", now));
  EXPECT_THAT(said(), ElementsAre("resolved ServiceDown c1/nova-compute normal"));
  EXPECT_THAT(engine->nodes(kAccount), IsEmpty());
  EXPECT_THAT(engine->services(kAccount), IsEmpty());
  tick_until(100'000);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(ServiceWatchTest, AnUnreadableLogIsShownWithTheService) {
  StateReport r = report(StateReport::Kind::log_unreadable, "c1", "nova-compute");
  r.detail = "/var/log/nova: permission denied";
  send(1000, r);
  EXPECT_EQ(engine->services(kAccount)[0].log_problem, r.detail);
  send(2000, report(StateReport::Kind::log_readable, "c1", "nova-compute"));
  EXPECT_EQ(engine->services(kAccount)[0].log_problem, "");
}

TEST_F(ServiceWatchTest, ATickIsForEveryAccountAndLeavesNothingInItsOwnName) {
  crashed(1000, 100);
  said();
  Batch tick;
  tick.received = at(1200);
  tick.tick = true;
  const Outcome outcome = engine->consume(tick, 99);
  ASSERT_EQ(outcome.signals.size(), 1u);
  EXPECT_EQ(outcome.signals[0].account, kAccount);
  EXPECT_THAT(outcome.changed_accounts, ElementsAre(kAccount));
  for (const catalog::RuleState& state : engine->take_dirty_states()) EXPECT_EQ(state.account, kAccount);
}

TEST_F(ServiceWatchTest, OtherAccountsSeeNothing) {
  EXPECT_THAT(engine->services(kAccount), Not(IsEmpty()));
  EXPECT_THAT(engine->services(AccountId{8}), IsEmpty());
  EXPECT_THAT(engine->nodes(AccountId{8}), IsEmpty());
}

}  // namespace
}  // namespace sentinella::rules
