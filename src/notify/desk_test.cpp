#include "notify/desk_fixture.h"

namespace sentinella::notify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Transition = Notification::Transition;

constexpr auto kHost = R"({"matchers":[{"name":"host","value":"host-a"}],"reason":"new disk"})";

TEST_F(DeskTest, ACriticalAlertIsToldAtOnceAndAMilderOneAfterItsGroupsWait) {
  open(make("a", AlertSeverity::critical));
  EXPECT_THAT(told(), ElementsAre("opened a"));
  Alert& mild = make("b");
  mild.event = "SwapUsed";
  open(mild);
  EXPECT_THAT(told(), SizeIs(1));
  EXPECT_EQ(stage(mild), "group");
  EXPECT_EQ(why(mild).next, clock.now() + 1s);
  wait(1s);
  EXPECT_THAT(told(), ElementsAre("opened a", "opened b"));
  EXPECT_EQ(stage(mild), "");
}

TEST_F(DeskTest, FortyHostsThatGoSilentAtOnceAreOneMessage) {
  std::vector<Notification> news;
  for (int i = 10; i < 50; ++i)
    news.push_back(
        change(make(std::to_string(i), AlertSeverity::critical), AlertStatus::open, Transition::opened));
  take(news);
  EXPECT_THAT(told(), ElementsAre("opened 10"));
  const auto payload = parse_json_object(entries()[0].payload).value();
  EXPECT_EQ(payload.at("together").as_object().at("total").as_int64(), 40);
  deliver();
  for (int i = 10; i < 49; ++i) close(alerts[std::to_string(i)]);
  EXPECT_THAT(told(), ElementsAre("opened 10")) << "the rest waits for the group's interval";
  wait(61s);
  EXPECT_EQ(told().back(), "update 10");
  deliver();
  close(alerts["49"]);
  EXPECT_EQ(told().back(), "closed 10") << "the last one at once";
}

TEST_F(DeskTest, TheSameHoldsAfterARestart) {
  take({change(make("a", AlertSeverity::critical), AlertStatus::open, Transition::opened),
        change(make("b", AlertSeverity::critical), AlertStatus::open, Transition::opened)});
  deliver();
  close(alerts["a"]);
  restart();
  close(alerts["b"]);
  EXPECT_THAT(told(), ElementsAre("opened a", "closed a"));
}

TEST_F(DeskTest, NewsOfAGroupThatWasJustToldWaitForItsInterval) {
  open(make("a"));
  wait(1s);
  open(make("b"));
  open(make("c"));
  wait(30s);
  EXPECT_THAT(told(), ElementsAre("opened a"));
  wait(31s);
  EXPECT_THAT(told(), ElementsAre("opened a", "opened b"));
  EXPECT_EQ(why(alerts["c"]).conversation, "b");
}

TEST_F(DeskTest, ASilencedAlertIsToldWhenTheSilenceEndsAndItStillFires) {
  policy("silence", "s1", kHost, 30min);
  open(make("a", AlertSeverity::critical));
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(stage(alerts["a"]), "silence");
  EXPECT_EQ(why(alerts["a"]).why_not[0].id, "s1");
  EXPECT_EQ(why(alerts["a"]).why_not[0].text, "new disk");
  EXPECT_EQ(why(alerts["a"]).next, clock.now() + 30min);
  wait(30min);
  EXPECT_THAT(told(), ElementsAre("opened a"));
}

TEST_F(DeskTest, WhatOpensAndClosesUnderASilenceIsNeverToldAndSaysWhy) {
  policy("silence", "s1", kHost);
  open(make("a", AlertSeverity::critical));
  close(alerts["a"]);
  wait(2h);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(stage(alerts["a"]), "silence");
  EXPECT_EQ(why(alerts["a"]).next, std::nullopt);
}

TEST_F(DeskTest, AnEndUnderASilenceGoesToThoseWhoHeardTheBeginning) {
  open(make("a", AlertSeverity::critical));
  deliver();
  policy("silence", "s1", kHost);
  EXPECT_EQ(stage(alerts["a"]), "silence");
  close(alerts["a"]);
  EXPECT_THAT(told(), ElementsAre("opened a", "closed a"));
}

TEST_F(DeskTest, ASilenceTakenBackTellsAgainWhatStillFires) {
  open(make("a", AlertSeverity::critical));
  deliver();
  policy("silence", "s1", kHost);
  write([&](catalog::Transaction& tx) { return catalog::delete_policy(tx, account, "silence", "s1"); });
  wait(1s);
  EXPECT_THAT(told(), ElementsAre("opened a", "reminder a"));
}

TEST_F(DeskTest, ASilenceOutlivesARestart) {
  policy("silence", "s1", kHost);
  restart();
  open(make("a", AlertSeverity::critical));
  EXPECT_EQ(stage(alerts["a"]), "silence");
}

TEST_F(DeskTest, MaintenanceComesBeforeBlackoutBeforeSilence) {
  policy("silence", "s1", kHost);
  policy("blackout", "b1", kHost);
  open(make("a", AlertSeverity::critical));
  EXPECT_EQ(stage(alerts["a"]), "blackout");
  policy("maintenance", "m1", kHost);
  EXPECT_EQ(stage(alerts["a"]), "maintenance");
}

TEST_F(DeskTest, TheOwnerHearsOfASilenceAnHourBeforeItEndsOnce) {
  policy("silence", "s1", kHost, 10h);
  open(make("a", AlertSeverity::critical));
  wait(8h);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(desk->next_due(), clock.now() + 1h);
  wait(1h);
  wait(1s);
  ASSERT_THAT(told(), ElementsAre("opened silence-s1"));
  EXPECT_THAT(entries()[0].payload, HasSubstr("hides 1 open alert now"));
}

TEST_F(DeskTest, InhibitionNeedsItsEqualLabels) {
  policy("inhibition", "i1",
         R"({"source":[{"name":"event","value":"HostDown"}],"target":[{"name":"event","value":"LogErrors"}],
             "equal":["host"]})");
  Alert& source = make("s", AlertSeverity::critical);
  source.event = "HostDown";
  source.host = "host-a";
  open(source);
  open(make("a", AlertSeverity::critical));
  open(make("b", AlertSeverity::critical));
  EXPECT_THAT(told(), ElementsAre("opened s", "opened b"));
  EXPECT_EQ(stage(alerts["a"]), "inhibition");
  EXPECT_EQ(why(alerts["a"]).why_not[0].id, "s");
  close(source);
  EXPECT_EQ(told().back(), "opened a");
}

TEST_F(DeskTest, ADeadDatabaseIsOnePageAndItsThousandSymptomsAreNone) {
  Alert& cause = make("db", AlertSeverity::critical);
  cause.event = "ServiceDown";
  cause.resource = "controller/mariadb";
  open(cause);
  for (int batch = 0; batch < 10; ++batch) {
    std::vector<Notification> news;
    for (int i = 0; i < 100; ++i) {
      Alert& alert = make(std::to_string(batch * 100 + i), AlertSeverity::critical);
      alert.cause = "db";
      news.push_back(change(alert, AlertStatus::open, Transition::opened));
    }
    take(news);
    wait(6s);
  }
  EXPECT_THAT(told(), ElementsAre("opened db"));
  EXPECT_EQ(stage(alerts["7"]), "cause");
  EXPECT_THAT(why(alerts["7"]).why_not[0].text, HasSubstr("ServiceDown on controller/mariadb"));
  deliver();
  wait(1h);
  EXPECT_EQ(told().back(), "reminder db");
  EXPECT_THAT(entries().back().payload, HasSubstr("\"symptoms\":1000"));
  deliver();
  close(cause);
  for (int i = 0; i < 999; ++i) close(alerts[std::to_string(i)]);
  wait(3min);
  EXPECT_EQ(told().back(), "opened 999") << "what does not recover with its cause is told";
}

class DeskCauses : public DeskTest, public testing::WithParamInterface<bool> {
 protected:
  DeskCauses() {
    cause.event = "ServiceDown";
    cause.resource = "controller/mariadb";
    symptom.cause = "db";
    open(cause);
    open(symptom);
    deliver();
  }
  void maybe_restart() {
    if (GetParam()) restart();
  }
  Alert& cause = make("db", AlertSeverity::critical);
  Alert& symptom = make("a", AlertSeverity::critical);
};
INSTANTIATE_TEST_SUITE_P(Restarts, DeskCauses, testing::Bool());

TEST_P(DeskCauses, ASymptomHasTimeToRecoverWhenItsCauseIsOver) {
  maybe_restart();
  close(cause);
  wait(110s);
  EXPECT_THAT(told(), ElementsAre("opened db", "closed db"));
  maybe_restart();
  wait(20s);
  EXPECT_EQ(told().back(), "opened a");
}

TEST_P(DeskCauses, WhatBeginsLongAfterACauseIsTold) {
  maybe_restart();
  wait(40min);
  Alert& other = make("other", AlertSeverity::critical);
  other.event = "ServiceDown";
  other.cause = "db";
  open(other);
  EXPECT_EQ(told().back(), "opened other")
      << "a member that is down for days must not hide what breaks tomorrow";
  EXPECT_EQ(stage(symptom), "cause") << "what began with it stays with it";
}

TEST_F(DeskTest, ATicketHoldsBackNoPage) {
  Alert& cause = make("partition", AlertSeverity::critical);
  cause.tier = Tier::ticket;
  open(cause);
  Alert& symptom = make("a", AlertSeverity::critical);
  symptom.cause = "partition";
  open(symptom);
  EXPECT_EQ(told().back(), "opened a");
}

TEST_F(DeskTest, AnEndThatIsTheFirstThingAfterARestartIsTold) {
  open(make("a", AlertSeverity::critical));
  deliver();
  restart();
  close(alerts["a"]);
  EXPECT_THAT(told(), ElementsAre("opened a", "closed a"));
}

TEST_F(DeskTest, AnEndRightAfterAnEditOfPolicyIsTold) {
  open(make("a", AlertSeverity::critical));
  deliver();
  write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY(catalog::touch_policy(tx));
    return {};
  });
  close(alerts["a"]);
  EXPECT_THAT(told(), ElementsAre("opened a", "closed a"));
}

TEST_P(DeskCauses, ACauseThatComesBackHoldsItsSymptomsAgain) {
  close(cause);
  wait(1min);
  take({change(cause, AlertStatus::open, Transition::reopened)});
  EXPECT_EQ(why(symptom).why_not[0].until, Time{}) << "for as long as it stands";
  maybe_restart();
  wait(1min);
  close(cause);
  wait(110s);
  EXPECT_EQ(why(symptom).why_not[0].stage, "cause");
  EXPECT_EQ(std::ranges::count(told(), "opened a"), 0);
  wait(20s);
  EXPECT_EQ(told().back(), "opened a");
}

TEST_F(DeskTest, AStormWithoutACauseIsAFewMessagesThatNameEverything) {
  for (int i = 0; i < 500; ++i) {
    Alert& alert = make(std::to_string(i), AlertSeverity::critical);
    alert.event = "Event" + alert.id;
    open(alert);
    if (i % 10 == 0) wait(1s);
  }
  EXPECT_LE(told().size(), 21u);
  EXPECT_THAT(why(alerts["400"]).why_not[0].text, HasSubstr("too many messages"));
  wait(5min);
  EXPECT_LE(told().size(), 22u);
  EXPECT_THAT(entries().back().payload, HasSubstr("\"together\":{\"total\":4"));
}

TEST_F(DeskTest, AnAlertThatOpensAndClosesOverAndOverIsToldOnceMore) {
  Alert& alert = make("a", AlertSeverity::critical);
  for (int i = 0; i < 10; ++i) {
    take({change(alert, AlertStatus::open, i == 0 ? Transition::opened : Transition::reopened)});
    deliver();
    wait(20s);
    close(alert);
    deliver();
    wait(20s);
  }
  EXPECT_THAT(told(), ElementsAre("opened a", "closed a", "reopened a", "closed a", "flapping a"));
  wait(5min);
  EXPECT_EQ(told().back(), "flapping a");
  wait(1h);
  EXPECT_EQ(told().back(), "closed a") << "it has been quiet for long enough";
}

TEST_F(DeskTest, AnAlertThatGoesUpAndDownBetweenSeveritiesIsToldOnceMore) {
  Alert& alert = make("a");
  open(alert);
  wait(5s);
  deliver();
  for (int i = 0; i < 20; ++i) {
    alert.severity = i % 2 == 0 ? AlertSeverity::critical : AlertSeverity::warning;
    Notification news = change(alert, AlertStatus::open, Transition::severity);
    if (i % 2 != 0)
      write([&](catalog::Transaction& tx) -> Result<void> {  // milder: nobody is told
        SENT_TRY(catalog::put_alert(tx, alert));
        return catalog::append_history(tx, alert.id, alert.history.back());
      });
    else
      take({std::move(news)});
    wait(70s);
    deliver();
  }
  const auto all = told();
  EXPECT_EQ(std::ranges::count(all, "flapping a"), 1);
  EXPECT_LE(all.size(), 7u) << "of ten times that it got worse";
  EXPECT_EQ(all.back(), "flapping a");
}

TEST_F(DeskTest, AnOpenAlertIsToldAgainEverMoreSeldomUntilSomebodyAcknowledges) {
  open(make("a", AlertSeverity::critical));
  deliver();
  EXPECT_EQ(why(alerts["a"]).next, clock.now() + 1h);
  wait(1h);
  deliver();
  EXPECT_EQ(why(alerts["a"]).next, clock.now() + 4h);
  wait(4h);
  deliver();
  EXPECT_EQ(why(alerts["a"]).next, clock.now() + 24h);
  EXPECT_THAT(told(), ElementsAre("opened a", "reminder a", "reminder a"));
  take({change(alerts["a"], AlertStatus::ack, Transition::status)});
  wait(48h);
  EXPECT_THAT(told(), SizeIs(3));
  EXPECT_EQ(stage(alerts["a"]), "acknowledged");
  take({change(alerts["a"], AlertStatus::open, Transition::severity)});
  EXPECT_EQ(told().back(), "severity a");
}

TEST_F(DeskTest, APageGoesUpItsChainUntilSomebodyAcknowledges) {
  write([&](catalog::Transaction& tx) -> Result<void> {
    for (const char* id : {"kim", "lee", "boss"}) SENT_TRY(catalog::put_channel(tx, channel(id, Tier::page)));
    return {};
  });
  notifier->reload_channels();
  policy("rota", "r1", R"({"name":"cloud","shift":"1d","members":[{"person":"kim","channel":"kim"},
                           {"person":"lee","channel":"lee"}]})");
  policy("escalation", "e1",
         R"({"name":"pages","steps":[{"rota":"r1"},{"after":"15m","channels":["boss"]}]})");
  open(make("a", AlertSeverity::critical));
  EXPECT_THAT(told("kim"), ElementsAre("opened a"));
  EXPECT_THAT(told("lee"), IsEmpty());
  EXPECT_THAT(told("everything"), IsEmpty()) << "a chain says who hears of a page";
  EXPECT_EQ(why(alerts["a"]).next, clock.now() + 15min);
  wait(15min);
  EXPECT_THAT(told("boss"), ElementsAre("opened a"));
  deliver();
  close(alerts["a"]);
  EXPECT_EQ(told("boss").back(), "closed a");
  EXPECT_EQ(told("kim").back(), "closed a");
  clock.advance(24h);
  open(make("b", AlertSeverity::critical));
  EXPECT_THAT(told("lee"), ElementsAre("opened b")) << "the next shift";
}

TEST_F(DeskTest, AChainThatReachesNobodyTellsEverybody) {
  for (const char* steps :
       {R"([{"channels":["gone"]}])", R"([{"rota":"r1"}])", R"([{"rota":"no-such-rota"}])"}) {
    policy("rota", "r1", R"({"name":"cloud","shift":"1d","members":[{"person":"kim"}]})");
    policy("escalation", "e1", R"({"name":"pages","steps":)" + std::string(steps) + "}");
    const std::string id = "page" + std::to_string(told().size());
    open(make(id, AlertSeverity::critical));
    EXPECT_EQ(told().back(), "opened " + id) << steps;
  }
}

TEST_F(DeskTest, AChainBeginsWhenItsPageIsFirstTold) {
  write([&](catalog::Transaction& tx) -> Result<void> {
    for (const char* id : {"kim", "boss"}) SENT_TRY(catalog::put_channel(tx, channel(id, Tier::page)));
    return {};
  });
  notifier->reload_channels();
  policy("escalation", "e1",
         R"({"name":"pages","steps":[{"channels":["kim"]},{"after":"15m","channels":["boss"]}]})");
  policy("maintenance", "m1", R"({"matchers":[{"name":"host","value":"host-a"}],"reason":"new disks"})", 2h);
  open(make("a", AlertSeverity::critical));
  wait(2h);
  EXPECT_THAT(told("kim"), ElementsAre("opened a"));
  EXPECT_THAT(told("boss"), IsEmpty()) << "nobody had a quarter of an hour to answer yet";
  wait(15min);
  EXPECT_THAT(told("boss"), ElementsAre("opened a"));
}

TEST_F(DeskTest, ARollbackForgetsWhatItSaw) {
  Alert& alert = make("a", AlertSeverity::critical);
  const auto news = change(alert, AlertStatus::open, Transition::opened);
  EXPECT_FALSE(database->write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY(catalog::put_alert(tx, alert));
    SENT_TRY(desk->take(tx, {news}, clock.now()));
    return fail(Errc::kNoSpace, "full");
  }));
  desk->rolled_back();
  wait(2h);
  EXPECT_THAT(told(), IsEmpty());
  take({news});
  EXPECT_THAT(told(), ElementsAre("opened a"));
}

}  // namespace
}  // namespace sentinella::notify
