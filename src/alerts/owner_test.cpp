// Who sees to an alert: given and taken away by people, and nobody's again with new trouble.
#include "alerts/alerts_fixture.h"

namespace sentinella::alerts {
namespace {

using testing::ElementsAre;

class OwnedAlert : public AlertEngineTest {
 protected:
  explicit OwnedAlert(AlarmModel::Name alarms = AlarmModel::Name::alerta) : AlertEngineTest(alarms) {}
  std::string raise() {
    apply({signal(kFiring)});
    return only().id;
  }
  Result<std::pair<Alert, std::vector<Notification>>> give(const std::string& id, const std::string& to) {
    ActionRequest request{Action::assign, "you know it best", "kim", {}, to};
    return engine->act(account, id, request, at(++clock),
                       [](catalog::Transaction&, const auto&) -> Result<void> { return {}; });
  }
};

TEST_F(OwnedAlert, KeepsItsOwnerOverRepeatsWorseSeveritiesAndARestart) {
  const std::string id = raise();
  EXPECT_EQ(only().owner, "") << "nobody's at first";
  const auto given = give(id, "bob");
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_TRUE(given->second.empty()) << "no channel is told";
  EXPECT_EQ(given->first.status, AlertStatus::open) << "nobody has it in hand yet";
  take({signal(kRepeated)});
  apply({signal(kFiring, AlertSeverity::critical)});
  EXPECT_EQ(only().owner, "bob");
  start();
  EXPECT_EQ(only().owner, "bob");
  EXPECT_EQ(engine->live_in_short(account).at(0).owner, "bob");
  ASSERT_TRUE(give(id, ""));
  EXPECT_EQ(stored(id).owner, "");
}

TEST_F(OwnedAlert, ItsHistorySaysWhoGaveItToWhom) {
  const std::string id = raise();
  ASSERT_TRUE(give(id, "bob"));
  ASSERT_TRUE(give(id, "storage"));
  ASSERT_TRUE(give(id, ""));
  std::vector<std::string> steps;
  for (const AlertHistory& entry : stored(id).history)
    steps.push_back(fmt::format("{} {}:{} {}", entry.type, entry.user, entry.owner, entry.text));
  EXPECT_THAT(steps, ElementsAre("new : it died", "assign kim:bob you know it best",
                                 "assign kim:storage you know it best", "assign kim: you know it best"));
  const std::string json = to_json(stored(id), true);
  EXPECT_THAT(json, testing::HasSubstr(R"("cause":"","owner":"")"));
  EXPECT_THAT(json, testing::HasSubstr(R"("user":"kim","owner":"storage")"));
}

TEST_F(OwnedAlert, NewTroubleIsNobodysYetButWhatSomebodyOpensAgainIsStillTheirs) {
  const std::string id = raise();
  ASSERT_TRUE(give(id, "bob"));
  ASSERT_TRUE(act(id, Action::close));
  EXPECT_EQ(stored(id).owner, "bob") << "who saw to it is still told";
  EXPECT_EQ(give(id, "ann").error().code, Errc::kConflict) << "it is over";
  ASSERT_TRUE(act(id, Action::open));
  EXPECT_EQ(only().owner, "bob");
  apply({signal(kResolved)});
  EXPECT_EQ(apply({signal(kFiring)}), (std::vector<std::string>{"reopened"}));
  EXPECT_EQ(only().id, id);
  EXPECT_EQ(only().owner, "");
}

class OwnedIsaAlarm : public OwnedAlert {
 protected:
  OwnedIsaAlarm() : OwnedAlert(AlarmModel::Name::isa_18_2) {}
};

TEST_F(OwnedIsaAlarm, WhatWaitsForSomebodyToTakeNoteCanBeGivenAndStaysWithThatOneWhenItIsBack) {
  const std::string id = raise();
  apply({signal(kResolved)});
  ASSERT_EQ(stored(id).alarm_state, AlarmState::rtnun);
  ASSERT_TRUE(give(id, "bob"));
  EXPECT_EQ(stored(id).alarm_state, AlarmState::rtnun);
  apply({signal(kFiring)});
  EXPECT_EQ(only().owner, "bob");
  apply({signal(kResolved)});
  ASSERT_TRUE(act(id, Action::ack));
  EXPECT_EQ(give(id, "ann").error().code, Errc::kConflict);
  apply({signal(kFiring)});
  EXPECT_EQ(only().owner, "") << "new trouble";
}

}  // namespace
}  // namespace sentinella::alerts
