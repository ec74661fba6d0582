// Whom the desk tells: teams, clouds that do not page, storms of one kind of message; and every reason why
// not.
#include "notify/desk_fixture.h"

namespace sentinella::notify {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Transition = Notification::Transition;

class DeskRouteTest : public DeskTest {
 protected:
  void add_channel(const std::string& id, Tier tier, bool enabled = true) {
    write([&](catalog::Transaction& tx) {
      catalog::Channel made = channel(id, tier);
      made.enabled = enabled;
      return catalog::put_channel(tx, made);
    });
  }
  void add_teams() {
    for (const char* id : {"storage-chat", "compute-chat"}) add_channel(id, Tier::ticket);
    policy("team", "t1",
           R"({"name":"storage","channels":["storage-chat"],"matchers":)"
           R"([{"name":"service","value":"cinder-.*","isRegex":true}]})");
    policy("team", "t2", R"({"name":"compute","channels":["compute-chat"]})");
  }
  void settings(const std::string& body) { policy("settings", "settings", body); }
};

TEST_F(DeskRouteTest, EachOfTwoTeamsHearsOfWhatItOwnsAndOfNothingElse) {
  add_teams();
  Alert& disk = make("disk", AlertSeverity::critical);
  disk.service = "cinder-volume";
  Alert& host = make("host", AlertSeverity::critical);
  host.extras.labels.set("team", "compute");
  take({change(disk, AlertStatus::open, Transition::opened),
        change(host, AlertStatus::open, Transition::opened)});
  EXPECT_THAT(told("storage-chat"), ElementsAre("opened disk"));
  EXPECT_THAT(told("compute-chat"), ElementsAre("opened host"));
  EXPECT_THAT(told("everything"), IsEmpty());
  EXPECT_EQ(why(disk).receivers.by, "team");
  EXPECT_EQ(why(disk).receivers.name, "storage");
  EXPECT_THAT(why(disk).receivers.channels, ElementsAre("storage-chat"));
}

TEST_F(DeskRouteTest, TheRulesTeamGoesBeforeThatOfTheService) {
  add_teams();
  Alert& alert = make("a", AlertSeverity::critical);
  alert.service = "cinder-volume";
  alert.extras.labels.set("owner", "compute");
  open(alert);
  EXPECT_THAT(told("compute-chat"), ElementsAre("opened a"));
  EXPECT_THAT(told("storage-chat"), IsEmpty());
}

TEST_F(DeskRouteTest, WhatNobodyOwnsAndWhatItsTeamTakesNoTicketsOfGoesToEverybody) {
  add_channel("pager", Tier::page);
  policy("team", "t1", R"({"name":"storage","channels":["pager"]})");
  open(make("nobodys", AlertSeverity::critical));
  Alert& ticket = make("ticket");
  ticket.event = "Slow";
  ticket.extras.labels.set("team", "storage");
  open(ticket);
  wait(1s);
  EXPECT_THAT(told("everything"), ElementsAre("opened nobodys", "opened ticket"));
  EXPECT_THAT(told("pager"), ElementsAre("opened nobodys"));
  EXPECT_EQ(why(alerts["nobodys"]).receivers.by, "");
  EXPECT_THAT(why(alerts["nobodys"]).receivers.channels, ElementsAre("everything", "pager"));
}

TEST_F(DeskRouteTest, AnEscalationChainGoesBeforeATeam) {
  add_teams();
  policy("escalation", "e1", R"({"name":"night","steps":[{"channels":["compute-chat"]}]})");
  Alert& alert = make("a", AlertSeverity::critical);
  alert.extras.labels.set("team", "storage");
  open(alert);
  EXPECT_THAT(told("compute-chat"), ElementsAre("opened a"));
  EXPECT_EQ(why(alert).receivers.by, "escalation");
  EXPECT_EQ(why(alert).receivers.name, "night");
}

TEST_F(DeskRouteTest, APageOfATeamAlsoReachesItsOnCaller) {
  add_channel("kims-phone", Tier::page);
  policy("rota", "r1", R"({"name":"storage","members":[{"person":"kim","channel":"kims-phone"}]})", 1h);
  policy("team", "t1", R"({"name":"storage","channels":["everything"],"rota":"r1"})");
  Alert& page = make("page", AlertSeverity::critical);
  page.extras.labels.set("team", "storage");
  open(page);
  EXPECT_THAT(told("kims-phone"), ElementsAre("opened page"));
  EXPECT_THAT(told("everything"), ElementsAre("opened page"));
}

TEST_F(DeskRouteTest, APageReachesTheOnCallerAlsoWhenATicketLeadsItsGroup) {
  add_channel("kims-phone", Tier::page);
  policy("rota", "r1", R"({"name":"storage","members":[{"person":"kim","channel":"kims-phone"}]})", 1h);
  policy("team", "t1", R"({"name":"storage","channels":["everything"],"rota":"r1"})");
  settings(R"({"group_by":["event"],"group_wait":"10s"})");
  Alert& ticket = make("ticket", AlertSeverity::critical);
  ticket.tier = Tier::ticket;
  Alert& page = make("page");
  page.tier = Tier::page;
  for (Alert* alert : {&ticket, &page}) alert->extras.labels.set("team", "storage");
  take({change(ticket, AlertStatus::open, Transition::opened),
        change(page, AlertStatus::open, Transition::opened)});
  wait(11s);
  EXPECT_THAT(told("kims-phone"), ElementsAre("opened ticket"));
  EXPECT_THAT(told("everything"), ElementsAre("opened ticket"));
}

TEST_F(DeskRouteTest, AStormOfTicketsHoldsBackNoPage) {
  settings(R"({"storm_messages":3,"group_by":["..."],"group_wait":"0s"})");
  for (int i = 0; i < 10; ++i) open(make("t" + std::to_string(i)));
  EXPECT_THAT(told(), SizeIs(4)) << "three, and the summary";
  EXPECT_EQ(stage(alerts["t9"]), "storm");
  restart();
  open(make("page", AlertSeverity::critical));
  EXPECT_THAT(told(), Contains("opened page"));
  wait(5min);
  EXPECT_THAT(told(), SizeIs(6)) << "the next summary";
}

TEST_F(DeskRouteTest, AStormOfOneTeamIsNoneOfTheOthers) {
  add_teams();
  settings(R"({"storm_messages":2,"group_by":["..."],"group_wait":"0s"})");
  for (int i = 0; i < 6; ++i) {
    Alert& alert = make("s" + std::to_string(i));
    alert.extras.labels.set("team", "storage");
    open(alert);
  }
  EXPECT_EQ(stage(alerts["s5"]), "storm");
  Alert& other = make("c");
  other.extras.labels.set("team", "compute");
  open(other);
  EXPECT_THAT(told("compute-chat"), ElementsAre("opened c"));
}

TEST_F(DeskRouteTest, ACloudForTestsWakesNobody) {
  add_channel("pager", Tier::page);
  settings(R"x({"no_page":["environment=~\"staging|dev.*\"","site=lab"]})x");
  Alert& staged = make("staged", AlertSeverity::critical);
  staged.environment = "staging";
  Alert& lab = make("lab", AlertSeverity::critical);
  lab.extras.labels.set("site", "lab");
  Alert& real = make("real", AlertSeverity::critical);
  open(staged);
  open(lab);
  open(real);
  EXPECT_THAT(told("pager"), ElementsAre("opened real"));
  EXPECT_THAT(told(), SizeIs(3)) << "tickets they are";
  EXPECT_THAT(stages(staged), Contains("environment"));
  EXPECT_THAT(stages(real), testing::Not(Contains("environment")));
  EXPECT_FALSE(
      check_policy({account, "settings", "settings", {}, {}, R"({"no_page":["a=~\".*\""]})", {}, "", false}));
}

TEST_F(DeskRouteTest, EveryReasonIsNamedAndTheLongestOneSaysWhen) {
  policy("silence", "s1", R"({"matchers":[{"name":"host","value":"host-a"}],"reason":"new disk"})", 30min);
  policy("maintenance", "m1", R"({"matchers":[{"name":"host","value":"host-a"}],"reason":"new rack"})", 2h);
  Alert& alert = make("a", AlertSeverity::critical);
  open(alert);
  EXPECT_THAT(stages(alert), ElementsAre("maintenance", "silence"));
  EXPECT_EQ(why(alert).next, clock.now() + 2h);
  alert.status_until = clock.now() + 3h;
  take({change(alert, AlertStatus::ack, Transition::status)});
  EXPECT_THAT(stages(alert), ElementsAre("acknowledged", "maintenance", "silence"));
  EXPECT_EQ(why(alert).next, clock.now() + 3h);
  alert.status_until = {};
  take({change(alert, AlertStatus::ack, Transition::status)});
  EXPECT_EQ(why(alert).next, std::nullopt) << "somebody has it in hand, for as long as it takes";
}

TEST_F(DeskRouteTest, AChannelThatDoesNotTakeItIsAReasonWithTheTimeOfTheNextAttempt) {
  open(make("a", AlertSeverity::critical));
  notifier->wake();
  ASSERT_TRUE(net::eventually([&] { return entries()[0].attempts > 0; }));
  const auto explained = why(alerts["a"]);
  ASSERT_THAT(explained.why_not, SizeIs(1));
  EXPECT_EQ(explained.why_not[0].stage, "channel");
  EXPECT_EQ(explained.why_not[0].id, "everything");
  EXPECT_THAT(explained.why_not[0].text, HasSubstr("everything has not taken it: "));
  EXPECT_EQ(explained.next, entries()[0].next_attempt);
  EXPECT_EQ(explained.next_is, "opened");
}

TEST_F(DeskRouteTest, NobodyOnCallAndNobodyWhoTakesItAreReasons) {
  policy("rota", "r1", R"({"name":"night shift","members":[{"person":"kim"}]})");
  policy("escalation", "e1", R"({"name":"chain","steps":[{"rota":"r1"}]})");
  Alert& page = make("page", AlertSeverity::critical);
  open(page);
  EXPECT_THAT(stages(page), Contains("on_call"));
  add_channel("everything", Tier::info, false);
  Alert& ticket = make("ticket");
  open(ticket);
  const auto reasons = why(ticket).why_not;
  EXPECT_THAT(reasons, Contains(testing::Field(&Obstacle::text, "no channel takes alerts of tier ticket")));
}

}  // namespace
}  // namespace sentinella::notify
