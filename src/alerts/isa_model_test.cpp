#include "alerts/isa_model.h"

#include <array>

#include "alerts/alerts_fixture.h"

namespace sentinella::alerts {
namespace {

using A = AlarmState;
using Severity = AlertSeverity;
using enum AlarmState;

constexpr std::array kStates{norm, unack, acked, rtnun, shlvd, dsupr, oosrv};
constexpr std::array kDoings{Action::ack,    Action::unack,  Action::shelve, Action::unshelve,
                             Action::open,   Action::close,  Action::assign, Action::note,
                             Action::expire, Action::timeout};

Situation in(A state, Severity severity) {
  return {status_of(state), AlertStatus::open, severity, Severity::minor, state};
}
/// Of every state (row) and action (column): the state that it leads to. "-": refused; "back": UNACK, or NORM
/// when the trouble is over meanwhile.
constexpr std::array<std::array<std::string_view, 10>, 7> kIsaTable{{
    // ack    unack    shelve   unshelve open     close   assign   note     expire   timeout
    {"-", "-", "SHLVD", "-", "UNACK", "-", "-", "NORM", "NORM", "NORM"},
    {"ACKED", "-", "SHLVD", "-", "-", "NORM", "UNACK", "UNACK", "RTNUN", "UNACK"},
    {"-", "UNACK", "SHLVD", "-", "back", "NORM", "ACKED", "ACKED", "NORM", "UNACK"},
    {"NORM", "-", "SHLVD", "-", "UNACK", "NORM", "RTNUN", "RTNUN", "RTNUN", "RTNUN"},
    {"-", "-", "-", "back", "back", "NORM", "SHLVD", "SHLVD", "NORM", "back"},
    {"-", "-", "SHLVD", "-", "back", "NORM", "DSUPR", "DSUPR", "NORM", "DSUPR"},
    {"-", "-", "SHLVD", "-", "back", "NORM", "OOSRV", "OOSRV", "NORM", "OOSRV"},
}};

TEST(IsaModel, EveryActionInEveryStateFollowsTheTable) {
  for (std::size_t row = 0; row < kStates.size(); ++row)
    for (std::size_t column = 0; column < kDoings.size(); ++column)
      for (const Severity severity : {Severity::critical, Severity::normal}) {
        std::string_view wanted = kIsaTable[row][column];
        if (wanted == "back") wanted = is_normal(severity) ? "NORM" : "UNACK";
        const auto verdict = IsaModel().by_action(in(kStates[row], severity), kDoings[column]);
        const std::string where = fmt::format("{} {}", to_string(kStates[row]), to_string(kDoings[column]));
        ASSERT_EQ(verdict.has_value(), wanted != "-") << where;
        if (!verdict) {
          EXPECT_EQ(verdict.error().code, Errc::kConflict) << where;
          continue;
        }
        EXPECT_EQ(to_string(*verdict->state), wanted) << where;
        EXPECT_EQ(verdict->status, status_of(*verdict->state)) << where << ": one follows from the other";
      }
}

TEST(IsaModel, AClosedAlarmThatSomebodyOpensHasTheSeverityItHad) {
  EXPECT_EQ(IsaModel().by_action(in(norm, Severity::normal), Action::open)->severity, Severity::minor);
  EXPECT_EQ(IsaModel().by_action(in(unack, Severity::critical), Action::close)->severity, Severity::normal);
}

struct IsaReport {
  A from;
  Severity had, reported;
  A to;
  std::optional<AlertStatus> sent = {};
};

class IsaReports : public testing::TestWithParam<IsaReport> {};

TEST_P(IsaReports, FollowTheTable) {
  const IsaReport& row = GetParam();
  const Verdict verdict = IsaModel().by_report(in(row.from, row.had), row.reported, row.sent);
  EXPECT_EQ(to_string(*verdict.state), to_string(row.to)) << to_string(row.from);
  EXPECT_EQ(verdict.status, status_of(row.to));
  EXPECT_EQ(verdict.severity, row.reported);
}

INSTANTIATE_TEST_SUITE_P(
    Isa, IsaReports,
    testing::Values(IsaReport{norm, Severity::normal, Severity::major, unack},
                    IsaReport{norm, Severity::normal, Severity::ok, norm},
                    IsaReport{unack, Severity::major, Severity::critical, unack},
                    IsaReport{unack, Severity::major, Severity::warning, unack},
                    IsaReport{unack, Severity::major, Severity::ok, rtnun},
                    IsaReport{acked, Severity::major, Severity::major, acked},
                    IsaReport{acked, Severity::major, Severity::warning, acked},
                    IsaReport{acked, Severity::major, Severity::critical, unack},
                    IsaReport{acked, Severity::major, Severity::normal, norm},
                    IsaReport{rtnun, Severity::normal, Severity::warning, unack},
                    IsaReport{rtnun, Severity::normal, Severity::normal, rtnun},
                    IsaReport{shlvd, Severity::major, Severity::critical, shlvd},
                    IsaReport{shlvd, Severity::major, Severity::normal, shlvd},
                    IsaReport{dsupr, Severity::major, Severity::major, unack},
                    IsaReport{dsupr, Severity::major, Severity::normal, norm},
                    IsaReport{oosrv, Severity::major, Severity::major, unack},
                    IsaReport{oosrv, Severity::major, Severity::normal, norm},
                    IsaReport{unack, Severity::major, Severity::major, oosrv, AlertStatus::blackout},
                    IsaReport{acked, Severity::major, Severity::major, dsupr, AlertStatus::unknown},
                    IsaReport{oosrv, Severity::major, Severity::major, oosrv, AlertStatus::blackout},
                    IsaReport{unack, Severity::major, Severity::normal, rtnun, AlertStatus::blackout},
                    IsaReport{acked, Severity::major, Severity::major, acked, AlertStatus::closed}));

TEST(IsaModel, AnAlertThatAlertasModelLeftIsTakenOverWhereItStands) {
  const Situation acknowledged{AlertStatus::ack, AlertStatus::open, Severity::major, Severity::minor};
  EXPECT_EQ(IsaModel().by_report(acknowledged, Severity::normal).state, norm);
  EXPECT_EQ(IsaModel().by_action(acknowledged, Action::unack)->state, unack);
  for (const A state : kStates)
    EXPECT_EQ(status_of(state_of(status_of(state))), status_of(state)) << to_string(state);
}

class IsaEngine : public AlertEngineTest {
 protected:
  IsaEngine() : AlertEngineTest(AlarmModel::Name::isa_18_2) {}
  /// As the catalogue has it.
  A state_of_only() { return *stored(id).alarm_state; }
  std::string id;
};

TEST_F(IsaEngine, WhatIsOverBeforeAnybodyTookNoteWaitsForThatAndComesBackUnderItsOldId) {
  EXPECT_EQ(apply({signal(kFiring)}), (std::vector<std::string>{"opened"}));
  id = only().id;
  EXPECT_EQ(state_of_only(), unack);
  EXPECT_EQ(apply({signal(kResolved)}), (std::vector<std::string>{"closed"}))
      << "who was told hears of the end";
  EXPECT_EQ(state_of_only(), rtnun);
  EXPECT_TRUE(engine->live(account).empty());
  start();
  const auto noted = act(id, Action::ack);
  ASSERT_TRUE(noted) << noted.error().message;
  EXPECT_TRUE(noted->second.empty()) << "it is over already: nobody is told again";
  EXPECT_EQ(state_of_only(), norm);
  EXPECT_EQ(act(id, Action::ack).error().code, Errc::kConflict);
  EXPECT_EQ(apply({signal(kFiring)}), (std::vector<std::string>{"reopened"}));
  EXPECT_EQ(only().id, id);
  EXPECT_EQ(state_of_only(), unack);
}

TEST_F(IsaEngine, WhatSomebodyTookNoteOfIsWellWhenItIsOver) {
  apply({signal(kFiring)});
  id = only().id;
  ASSERT_TRUE(act(id, Action::ack));
  EXPECT_EQ(state_of_only(), acked);
  EXPECT_TRUE(take({signal(kRepeated)}).empty());
  apply({signal(kFiring, Severity::critical)});
  EXPECT_EQ(state_of_only(), unack) << "worse than what was taken note of";
  ASSERT_TRUE(act(id, Action::ack));
  apply({signal(kResolved)});
  EXPECT_EQ(state_of_only(), norm);
}

TEST_F(IsaEngine, AShelvedAlarmStaysSoThroughItsEndAndReturnsByItsSeverity) {
  apply({signal(kFiring)});
  id = only().id;
  ASSERT_TRUE(act(id, Action::shelve, 60s));
  apply({signal(kResolved)});
  EXPECT_EQ(state_of_only(), shlvd);
  EXPECT_EQ(only().status, AlertStatus::shelved);
  clock += 120;
  EXPECT_EQ(apply({}), (std::vector<std::string>{"closed"}));
  EXPECT_EQ(state_of_only(), norm);
}

TEST_F(IsaEngine, AnAlarmOutOfServiceReturnsWithTheNextReportThatDoesNotSaySo) {
  Signal out = signal(kFiring);
  out.extras.origin = "probe";
  Signal back = out;
  out.status = AlertStatus::blackout;
  apply({out});
  id = only().id;
  EXPECT_EQ(state_of_only(), oosrv);
  EXPECT_EQ(only().status, AlertStatus::blackout);
  EXPECT_TRUE(take({out}).empty()) << "it repeats";
  take({back});
  EXPECT_EQ(state_of_only(), unack);
}

TEST_F(IsaEngine, ASenderThatFallsSilentEndsTheTrouble) {
  Signal sent = signal(kFiring);
  sent.extras.origin = "probe";
  sent.extras.timeout = 60s;
  apply({sent});
  id = only().id;
  clock += 120;
  EXPECT_EQ(apply({}), (std::vector<std::string>{"closed"}));
  EXPECT_EQ(state_of_only(), rtnun);
}

TEST_F(AlertEngineTest, ANoteOnWhatHadExpiredUnderTheOtherModelLeavesItExpired) {
  Signal sent = signal(kFiring);
  sent.extras.origin = "probe";
  sent.extras.timeout = 60s;
  apply({sent});
  const std::string id = only().id;
  clock += 120;
  EXPECT_EQ(apply({}), (std::vector<std::string>{"closed"}));
  const Alert expired = stored(id);
  ASSERT_EQ(expired.status, AlertStatus::expired);
  model = AlarmModel::Name::isa_18_2;
  start();
  const auto noted = act(id, Action::note);
  ASSERT_TRUE(noted) << noted.error().message;
  EXPECT_TRUE(noted->second.empty()) << "nobody is told of a note";
  const Alert after = stored(id);
  EXPECT_EQ(after.status, AlertStatus::expired);
  EXPECT_EQ(after.severity, expired.severity);
  EXPECT_EQ(after.alarm_state, std::nullopt);
  EXPECT_EQ(after.update_time, expired.update_time);
  EXPECT_EQ(after.history.back().type, "note");
  EXPECT_EQ(after.history.back().status, AlertStatus::expired);
}

TEST_F(IsaEngine, ItsHistorySaysInWhichStateItWas) {
  apply({signal(kFiring)});
  id = only().id;
  apply({signal(kResolved)});
  ASSERT_TRUE(act(id, Action::note));
  ASSERT_TRUE(act(id, Action::ack));
  start();
  std::vector<std::string> steps;
  for (const AlertHistory& entry : stored(id).history)
    steps.push_back(fmt::format("{} {}", entry.type, to_string(entry.alarm_state.value())));
  EXPECT_THAT(steps, testing::ElementsAre("new UNACK", "close RTNUN", "note RTNUN", "ack NORM"));
}

TEST_F(AlertEngineTest, UnderAlertasModelAnAlertHasNoState) {
  apply({signal(kFiring)});
  EXPECT_FALSE(only().alarm_state);
  EXPECT_FALSE(only().history.back().alarm_state);
}

}  // namespace
}  // namespace sentinella::alerts
