#include "alerts/alerts_fixture.h"
#include "base/json.h"

namespace sentinella::alerts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(AlertEngineTest, AFiringSignalOpensAnAlertWithItsEvidence) {
  EXPECT_THAT(apply({signal(kFiring)}), ElementsAre("opened"));
  const Alert alert = only();
  EXPECT_EQ(alert.environment, "Production");
  EXPECT_EQ(alert.previous_severity, AlertSeverity::indeterminate);
  EXPECT_EQ(alert.create_time, at(0));
  EXPECT_EQ(alert.receive_time, at(1));
  ASSERT_THAT(alert.evidence, SizeIs(1));
  EXPECT_EQ(alert.evidence[0].text, "the last line");
  EXPECT_EQ(alert.history.back().type, "new");
  EXPECT_EQ(stored(alert.id).evidence[0].text, "the last line");
}

TEST_F(AlertEngineTest, WhatStandsOnItsOwnAfterItsCauseIsOverIsToldWithItsOwnTier) {
  Signal quiet = signal(kFiring);
  quiet.tier = Tier::info;
  apply({quiet});
  Signal loud = signal(kFiring);
  loud.tier = Tier::page;
  EXPECT_THAT(apply({loud}), ElementsAre("severity"));
  EXPECT_EQ(only().tier, Tier::page);
  EXPECT_THAT(apply({quiet}), IsEmpty());
  EXPECT_EQ(only().tier, Tier::page) << "and it stays so";
}

TEST_F(AlertEngineTest, AStormOfDuplicatesIsOneAlertAndOneNotification) {
  std::vector<Signal> storm(5000, signal(kFiring));
  EXPECT_THAT(apply(storm), ElementsAre("opened"));
  Signal more = signal(kRepeated);
  more.count = 5000;
  EXPECT_THAT(apply({more}), IsEmpty());
  EXPECT_EQ(only().duplicate_count, 9999u);
  EXPECT_THAT(only().history, SizeIs(1));
  EXPECT_EQ(stored(only().id).duplicate_count, 9999u);
}

TEST_F(AlertEngineTest, AnAlertAboutLinesShowsOnlyThoseShortlyBefore) {
  age_of_last_line = std::chrono::hours(7);
  Signal about_lines = signal(kFiring);
  EvidenceLine match;
  match.id = {100, 1};
  match.text = "the match";
  about_lines.evidence = {match};
  apply({about_lines});
  ASSERT_THAT(only().evidence, SizeIs(1));
  EXPECT_EQ(only().evidence[0].text, "the match");
}

TEST_F(AlertEngineTest, ADeadServiceShowsItsLastLinesHoweverOld) {
  age_of_last_line = std::chrono::hours(7);
  apply({signal(kFiring)});
  EXPECT_THAT(only().evidence, SizeIs(1));
}

TEST_F(AlertEngineTest, OfManyLinesTheFirstTenAndTheLastTenStay) {
  Signal first = signal(kFiring);
  first.host = "c1";
  std::vector<Signal> signals{first};
  for (std::uint32_t i = 0; i < 40; ++i) {
    Signal s = signal(kRepeated);
    EvidenceLine line;
    line.id = {100, i};
    line.text = std::to_string(i);
    s.evidence = {line};
    signals.push_back(s);
  }
  apply(signals);
  const Alert alert = only();
  ASSERT_THAT(alert.evidence, SizeIs(20));
  EXPECT_EQ(alert.evidence[9].text, "8");
  EXPECT_EQ(alert.evidence[10].text, "30");
  EXPECT_EQ(alert.evidence[19].text, "39");
}

TEST_F(AlertEngineTest, AWorseSeverityTellsAgainAndLiftsTheAcknowledgement) {
  apply({signal(kFiring, AlertSeverity::warning)});
  ASSERT_TRUE(act(only().id, Action::ack));
  EXPECT_THAT(apply({signal(kFiring, AlertSeverity::critical)}), ElementsAre("severity"));
  EXPECT_EQ(only().status, AlertStatus::open);
  EXPECT_EQ(only().previous_severity, AlertSeverity::warning);
  ASSERT_TRUE(act(only().id, Action::ack));
  EXPECT_THAT(apply({signal(kFiring, AlertSeverity::warning)}), ElementsAre("severity"));
  EXPECT_EQ(only().status, AlertStatus::ack) << "milder: whoever has it keeps it";
}

TEST_F(AlertEngineTest, AResolutionClosesAndTheNextTimeTheSameAlertReopens) {
  apply({signal(kFiring)});
  const std::string id = only().id;
  EXPECT_THAT(apply({signal(kRepeated), signal(kResolved)}), ElementsAre("closed"));
  EXPECT_THAT(engine->live(account), IsEmpty());
  EXPECT_EQ(stored(id).severity, AlertSeverity::normal);
  EXPECT_THAT(apply({signal(kResolved)}), IsEmpty());
  EXPECT_THAT(apply({signal(kFiring)}), ElementsAre("reopened"));
  EXPECT_EQ(only().id, id);
  EXPECT_EQ(only().duplicate_count, 0u);
  EXPECT_THAT(only().history, SizeIs(3));
  EXPECT_LT(told[0].sequence, told[1].sequence);
  EXPECT_LT(told[1].sequence, told[2].sequence);
}

TEST_F(AlertEngineTest, OpenAndClosedInOneBatchAreBothToldInOrder) {
  EXPECT_THAT(apply({signal(kFiring), signal(kResolved), signal(kFiring)}),
              ElementsAre("opened", "closed", "reopened"));
  EXPECT_LT(told[0].sequence, told[1].sequence);
  EXPECT_LT(told[1].sequence, told[2].sequence);
  EXPECT_EQ(told[1].alert.status, AlertStatus::closed);
}

TEST_F(AlertEngineTest, LateLinesOfAClosedTroubleReopenNothing) {
  apply({signal(kFiring)});
  apply({signal(kResolved)});
  Signal folded = signal(kRepeated);
  folded.count = 0;
  EXPECT_THAT(apply({folded}), IsEmpty());
  EXPECT_THAT(apply({signal(kRepeated)}), ElementsAre("reopened")) << "a new match is";
}

TEST_F(AlertEngineTest, ARollbackLeavesNoTrace) {
  apply({signal(kFiring)});
  const auto undone = database->write([&](catalog::Transaction& tx) -> Result<void> {
    Signal another = signal(kFiring);
    another.resource = "c2";
    SENT_TRY(engine->apply(tx, {signal(kResolved), another}, at(50)));
    return fail(Errc::kNoSpace, "full");
  });
  EXPECT_FALSE(undone);
  engine->rolled_back();
  EXPECT_EQ(only().status, AlertStatus::open);
  EXPECT_EQ(stored(only().id).status, AlertStatus::open);
}

TEST_F(AlertEngineTest, LiveAlertsSurviveARestart) {
  apply({signal(kFiring)});
  ASSERT_TRUE(act(only().id, Action::ack));
  const Alert before = only();
  engine.reset();
  start();
  EXPECT_EQ(to_json(only(), true), to_json(before, true));
  EXPECT_THAT(apply({signal(kResolved)}), ElementsAre("closed"));
}

struct Step {
  AlertStatus from;
  Action action;
  std::optional<AlertStatus> to;  ///< nullopt: 409
  std::string_view told;
};
class AlertActions : public AlertEngineTest, public testing::WithParamInterface<Step> {};

TEST_P(AlertActions, FollowAlertasStateMachine) {
  const Step& step = GetParam();
  apply({signal(kFiring)});
  const std::string id = only().id;
  if (step.from != AlertStatus::open) {
    ASSERT_TRUE(act(id, step.from == AlertStatus::ack ? Action::ack : Action::close));
  }
  enqueued = 0;
  const auto done = act(id, step.action);
  if (!step.to) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::kConflict);
    EXPECT_EQ(stored(id).status, step.from);
    return;
  }
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->first.status, *step.to);
  EXPECT_EQ(stored(id).status, *step.to);
  EXPECT_EQ(stored(id).history.back().user, "kim");
  EXPECT_EQ(stored(id).history.back().text, "on it");
  EXPECT_THAT(engine->live(account), SizeIs(*step.to == AlertStatus::closed ? 0 : 1));
  EXPECT_EQ(enqueued, step.told.empty() ? 0u : 1u);
  EXPECT_EQ(done->second.empty() ? "" : to_string(done->second[0].transition), step.told);
}

using S = AlertStatus;
INSTANTIATE_TEST_SUITE_P(
    All, AlertActions,
    testing::Values(Step{S::open, Action::ack, S::ack, "status"}, Step{S::open, Action::unack, {}, ""},
                    Step{S::open, Action::close, S::closed, "closed"}, Step{S::open, Action::open, {}, ""},
                    Step{S::open, Action::note, S::open, ""}, Step{S::ack, Action::ack, {}, ""},
                    Step{S::ack, Action::unack, S::open, "status"},
                    Step{S::ack, Action::close, S::closed, "closed"},
                    Step{S::ack, Action::open, S::open, "status"}, Step{S::ack, Action::note, S::ack, ""},
                    Step{S::closed, Action::ack, {}, ""}, Step{S::closed, Action::unack, {}, ""},
                    Step{S::closed, Action::close, {}, ""},
                    Step{S::closed, Action::open, S::open, "reopened"},
                    Step{S::closed, Action::note, S::closed, ""}));

TEST_F(AlertEngineTest, ReopeningByHandRestoresTheSeverity) {
  apply({signal(kFiring, AlertSeverity::major)});
  const std::string id = only().id;
  ASSERT_TRUE(act(id, Action::close));
  EXPECT_EQ(stored(id).severity, AlertSeverity::normal);
  ASSERT_TRUE(act(id, Action::open));
  EXPECT_EQ(only().severity, AlertSeverity::major);
}

TEST_F(AlertEngineTest, AnActionThatCannotBeStoredDidNotHappen) {
  apply({signal(kFiring)});
  const auto done =
      engine->act(account, only().id, {Action::close, "", "", {}}, at(9),
                  [](catalog::Transaction&, const auto&) -> Result<void> { return fail(Errc::kIo, "x"); });
  EXPECT_FALSE(done);
  EXPECT_EQ(only().status, AlertStatus::open);
  EXPECT_EQ(stored(only().id).status, AlertStatus::open);
}

TEST_F(AlertEngineTest, AnotherAccountsAlertIsNotFound) {
  apply({signal(kFiring)});
  const auto done = engine->act(other, only().id, {Action::ack, "", "", {}}, at(9),
                                [](catalog::Transaction&, const auto&) -> Result<void> { return {}; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::kNotFound);
  EXPECT_THAT(engine->live(other), IsEmpty());
}

TEST_F(AlertEngineTest, AnAcknowledgementRunsOutAndTellsSo) {
  apply({signal(kFiring)});
  const auto acked = act(only().id, Action::ack, std::chrono::seconds(10));
  ASSERT_TRUE(acked);
  EXPECT_EQ(engine->next_deadline(), acked->first.update_time + std::chrono::seconds(10));
  EXPECT_THAT(apply({}), IsEmpty());
  clock += 20;
  EXPECT_THAT(apply({}), ElementsAre("reminder"));
  EXPECT_EQ(only().status, AlertStatus::open);
  EXPECT_EQ(only().history.back().type, "timeout");
  EXPECT_EQ(engine->next_deadline(), std::nullopt);
}

TEST_F(AlertEngineTest, AShelvedAlertGoesBackToWhatItWasBefore) {
  apply({signal(kFiring)});
  ASSERT_TRUE(act(only().id, Action::ack));
  ASSERT_TRUE(act(only().id, Action::shelve, std::chrono::seconds(5)));
  EXPECT_EQ(stored(only().id).status_until, only().status_until);
  clock += 10;
  apply({});
  EXPECT_EQ(only().status, AlertStatus::ack);
}

TEST_F(AlertEngineTest, AShelvingHoldsOverTheEndOfTheTroubleAndNoLongerThanItWasSet) {
  apply({signal(kFiring)});
  ASSERT_TRUE(act(only().id, Action::shelve, std::chrono::seconds(60)));
  const Time until = only().status_until;
  clock += 10;
  apply({signal(kResolved)});
  clock += 10;
  apply({signal(kFiring)});
  EXPECT_EQ(only().status, AlertStatus::shelved);
  EXPECT_EQ(only().status_until, until);
  apply({signal(kResolved)});
  clock += 100;
  apply({signal(kFiring)});
  EXPECT_EQ(only().status, AlertStatus::open);
}

TEST_F(AlertEngineTest, WhatWasShelvedAndCameBackIsOpenOnceItIsUnshelved) {
  apply({signal(kFiring)});
  ASSERT_TRUE(act(only().id, Action::shelve, std::chrono::seconds(60)));
  apply({signal(kResolved)});
  apply({signal(kFiring)});
  ASSERT_TRUE(act(only().id, Action::unshelve));
  EXPECT_EQ(only().status, AlertStatus::open);
}

TEST_F(AlertEngineTest, WithoutReportsASendersAlertExpiresAndPrometheusAlertsClose) {
  Signal foreign = signal(kFiring);
  foreign.extras.origin = "cron";
  foreign.extras.timeout = std::chrono::seconds(60);
  Signal prometheus = foreign;
  prometheus.resource = "web01";
  prometheus.extras.type = "prometheusAlert";
  apply({foreign, prometheus});
  clock += 30;
  apply({foreign, prometheus});
  clock += 45;
  EXPECT_THAT(apply({}), IsEmpty()) << "every report counts the time anew";
  clock += 30;
  EXPECT_THAT(apply({}), ElementsAre("closed", "closed"));
  EXPECT_THAT(engine->live(account), IsEmpty());
  EXPECT_EQ(told[2].alert.status, AlertStatus::expired);
  EXPECT_EQ(told[3].alert.status, AlertStatus::closed);
  EXPECT_EQ(told[3].alert.extras.annotations.get("resolved"), "absent");
  EXPECT_THAT(apply({foreign}), ElementsAre("reopened"));
}

TEST_F(AlertEngineTest, WhileWeDidNotRunNobodyCouldReport) {
  Signal foreign = signal(kFiring);
  foreign.extras.origin = "cron";
  foreign.extras.timeout = std::chrono::seconds(60);
  apply({foreign});
  engine.reset();
  start();
  clock += 3600;
  EXPECT_THAT(apply({}), IsEmpty());
  clock += 61;
  EXPECT_THAT(apply({}), ElementsAre("closed"));
}

TEST_F(AlertEngineTest, APairOfEventsIsOneAlert) {
  Signal down = signal(kFiring, AlertSeverity::major);
  down.event = "HttpServerError";
  down.extras.origin = "curl";
  down.extras.correlate = {"HttpServerError", "HttpServerOK"};
  Signal up = down;
  up.event = "HttpServerOK";
  up.severity = AlertSeverity::ok;
  apply({down});
  const std::string id = only().id;
  EXPECT_THAT(apply({up}), ElementsAre("closed"));
  EXPECT_EQ(stored(id).event, "HttpServerOK");
  EXPECT_EQ(stored(id).severity, AlertSeverity::ok);
  EXPECT_EQ(stored(id).previous_severity, AlertSeverity::major);
  EXPECT_THAT(apply({down}), ElementsAre("reopened"));
  EXPECT_EQ(only().id, id);
  EXPECT_EQ(only().event, "HttpServerError");
  EXPECT_THAT(apply({up, down}), ElementsAre("closed", "reopened")) << "in one transaction, too";
  EXPECT_EQ(only().id, id);
}

TEST_F(AlertEngineTest, AlertsThatDifferInTheirLabelsOnlyAreTwo) {
  Signal sda = signal(kFiring);
  sda.extras.fingerprint = "sda";
  Signal sdb = signal(kFiring);
  sdb.extras.fingerprint = "sdb";
  apply({sda, sdb});
  EXPECT_THAT(engine->live(account), SizeIs(2));
}

TEST_F(AlertEngineTest, WhatBreaksWithTheDatabaseHasItAsCause) {
  Signal early = signal(kFiring);
  early.resource = "c1/nova-api";
  early.service = "nova-api";
  apply({early});
  Signal database_down = signal(kFiring, AlertSeverity::critical);
  database_down.resource = "controller/mariadb";
  database_down.host = "controller";
  database_down.service = "mariadb";
  EXPECT_THAT(apply({database_down}), ElementsAre("opened", "status")) << "the early one is marked";
  Signal late = early;
  late.resource = "c2/glance-api";
  late.service = "glance-api";
  apply({late});
  Signal elsewhere = late;
  elsewhere.host = "c9";
  elsewhere.resource = "c9/glance-api";
  apply({elsewhere});
  std::map<std::string, std::string> causes;
  for (const Alert& alert : engine->live(account)) causes[alert.resource] = alert.cause;
  const std::string root = told[1].alert.id;
  EXPECT_EQ(causes["c1/nova-api"], root);
  EXPECT_EQ(causes["c2/glance-api"], root);
  EXPECT_EQ(causes["controller/mariadb"], "");
  EXPECT_EQ(causes["c9/glance-api"], "") << "another cloud has another database";
}

TEST_F(AlertEngineTest, WhatASilentHostCarriedFollowsFromItAndTheDatabaseOnItToo) {
  Signal silent = signal(kFiring, AlertSeverity::critical);
  silent.event = "AgentSilent";
  silent.resource = silent.host = "controller";
  silent.service = "";
  apply({silent});
  Signal database_down = signal(kFiring, AlertSeverity::critical);
  database_down.resource = "controller/mariadb";
  database_down.host = "controller";
  database_down.service = "mariadb";
  apply({database_down});
  apply({signal(kFiring)});
  for (const Alert& alert : engine->live(account))
    EXPECT_EQ(alert.cause, alert.event == "AgentSilent" ? "" : told[0].alert.id) << alert.resource;
}

TEST_F(AlertEngineTest, WhatLogsSayOfABrokerFollowsFromItsDeath) {
  Signal broker = signal(kFiring, AlertSeverity::critical);
  broker.host = "c1";
  broker.service = "rabbitmq";
  broker.resource = "c1/rabbitmq";
  apply({broker});
  Signal said = signal(kFiring, AlertSeverity::critical);
  said.event = "AmqpUnreachable";
  said.host = said.resource = "c2";
  said.service = "";
  apply({said});
  for (const Alert& alert : engine->live(account))
    EXPECT_EQ(alert.cause, alert.event == "AmqpUnreachable" ? told[0].alert.id : "") << alert.resource;
}

TEST_F(AlertEngineTest, ARemovedAlertIsGoneAndItsRuleMayRaiseItAnew) {
  apply({signal(kFiring)});
  const std::string id = only().id;
  EXPECT_EQ(engine->remove(other, id).error().code, Errc::kNotFound);
  ASSERT_TRUE(engine->remove(account, id));
  EXPECT_THAT(engine->live(account), IsEmpty());
  EXPECT_THAT(apply({signal(kFiring)}), ElementsAre("opened"));
  EXPECT_NE(only().id, id);
}

TEST_F(AlertEngineTest, TagsAreEditedWithoutTouchingTheRest) {
  apply({signal(kFiring)});
  const auto edited = engine->edit(account, only().id, [](Alert& alert) -> Result<void> {
    alert.extras.tags = {"mine"};
    return {};
  });
  ASSERT_TRUE(edited);
  EXPECT_THAT(only().extras.tags, ElementsAre("mine"));
  EXPECT_THAT(stored(edited->id).extras.tags, ElementsAre("mine"));
  EXPECT_EQ(stored(edited->id).status, AlertStatus::open);
}

TEST_F(AlertEngineTest, TheEnvironmentIsTheHostsCloud) {
  Signal s = signal(kFiring);
  s.host = "c9";
  apply({s});
  EXPECT_EQ(only().environment, "Lab");
}

TEST_F(AlertEngineTest, TheJsonSpeaksAlertasNames) {
  apply({signal(kFiring)});
  const auto json = parse_json_object(to_json(only(), true));
  ASSERT_TRUE(json);
  for (const char* name :
       {"id",         "environment",      "resource",       "event",      "host",        "service",
        "severity",   "previousSeverity", "status",         "tier",       "value",       "text",
        "ruleId",     "playbook",         "duplicateCount", "createTime", "receiveTime", "lastReceiveTime",
        "updateTime", "evidence",         "history",        "correlate",  "tags",        "attributes",
        "cause",      "timeout"})
    EXPECT_TRUE(json->contains(name)) << name;
  EXPECT_EQ(json->at("service").as_array().at(0).as_string(), "nova-compute");
  EXPECT_EQ(json->at("evidence").as_array().at(0).as_object().at("id").as_string(), "1-1");
  const auto small = parse_json_object(to_json(only(), false));
  EXPECT_FALSE(small->contains("history"));
}

}  // namespace
}  // namespace sentinella::alerts
