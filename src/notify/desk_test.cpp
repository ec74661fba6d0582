#include "notify/desk.h"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/json.h"
#include "catalog/accounts.h"
#include "catalog/alerting.h"
#include "net/testing.h"
#include "notify/notifier.h"

namespace sentinella::notify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Transition = Notification::Transition;

/// What is told is read from the outbox: its channel's other side refuses every connection.
class DeskTest : public testing::Test {
 protected:
  DeskTest() {
    database = catalog::open_sqlite(directory / "catalog.db").value();
    write([&](catalog::Transaction& tx) -> Result<void> {
      account = catalog::create_account(tx, "ours", {}).value().id;
      return catalog::put_channel(tx, channel("everything", Tier::info));
    });
    NotifierOptions options;
    options.first_retry = options.max_retry = 1h;
    notifier = Notifier::create(*database, clock, to_json, options).value();
    restart();
  }
  ~DeskTest() override {
    desk.reset();
    notifier.reset();
    database.reset();
  }
  void restart() { desk = std::make_unique<Desk>(*notifier, to_json); }
  static std::string to_json(const Alert& alert) {
    return JsonWriter().object().field("id", alert.id).field("text", alert.text).end().take();
  }
  catalog::Channel channel(const std::string& id, Tier tier) {
    return {account, id, id, "webhook", R"({"url":"http://127.0.0.1:9/"})", tier, true};
  }
  void write(const catalog::Database::Work& work) {
    const auto done = database->write(work);
    ASSERT_TRUE(done) << done.error().message;
  }
  void wait(Duration span) {
    clock.advance(span);
    write([&](catalog::Transaction& tx) { return desk->take(tx, {}, clock.now()); });
  }
  void policy(const std::string& kind, const std::string& id, const std::string& body, Duration lasts = 1h) {
    const catalog::PolicyItem item{account, kind,        id,    clock.now(), clock.now() + lasts,
                                   body,    clock.now(), "kim", false};
    ASSERT_TRUE(check_policy(item)) << check_policy(item).error().message;
    write([&](catalog::Transaction& tx) { return catalog::put_policy(tx, item); });
    wait({});
  }
  Alert& make(const std::string& id, AlertSeverity severity = AlertSeverity::warning) {
    Alert& alert = alerts[id];
    alert.id = id;
    alert.account = account;
    alert.environment = "Production";
    alert.resource = alert.host = "host-" + id;
    alert.event = "LogErrors";
    alert.severity = severity;
    alert.tier = severity == AlertSeverity::critical ? Tier::page : Tier::ticket;
    return alert;
  }
  Notification change(Alert& alert, AlertStatus status, Transition transition) {
    alert.status = status;
    alert.update_time = clock.now();
    if (transition == Transition::opened || transition == Transition::reopened)
      alert.create_time = alert.receive_time = clock.now();
    AlertHistory entry;
    entry.time = clock.now();
    entry.type = "x";
    entry.status = status;
    entry.severity = alert.severity;
    alert.history.push_back(entry);
    return {transition, to_text(random_uuid()), 1, alert};
  }
  void take(const std::vector<Notification>& news) {
    write([&](catalog::Transaction& tx) -> Result<void> {
      for (const Notification& one : news) {
        SENT_TRY(catalog::put_alert(tx, one.alert));
        for (std::size_t i = 0; i < 1 && !one.alert.history.empty(); ++i)
          SENT_TRY(catalog::append_history(tx, one.alert.id, one.alert.history.back()));
      }
      return desk->take(tx, news, clock.now());
    });
  }
  void open(Alert& alert) { take({change(alert, AlertStatus::open, Transition::opened)}); }
  void close(Alert& alert) { take({change(alert, AlertStatus::closed, Transition::closed)}); }
  /// "transition conversation" of every message, oldest first, through `channel_id`.
  std::vector<std::string> told(const std::string& channel_id = "everything") {
    std::vector<std::string> out;
    for (const auto& entry : entries(channel_id)) out.push_back(entry.transition + " " + entry.alert_id);
    return out;
  }
  std::vector<catalog::OutboxEntry> entries(const std::string& channel_id = "everything") {
    std::vector<catalog::OutboxEntry> out;
    write([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(out, catalog::deliveries_of_channel(tx, account, channel_id, 10000));
      return {};
    });
    std::erase_if(out, [](const auto& entry) { return entry.state == "superseded"; });
    std::ranges::sort(out, {}, &catalog::OutboxEntry::sequence);
    return out;
  }
  /// Everything in the outbox reaches the other side.
  void deliver() {
    ASSERT_TRUE(net::eventually([&] {
      write([&](catalog::Transaction& tx) -> Result<void> {
        SENT_TRY(tx.execute("UPDATE outbox SET state = 'delivered', attempts = 1 WHERE state = 'pending'"));
        return {};
      });
      return true;
    }));
  }
  Explanation why(const Alert& alert) {
    Explanation out;
    write([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(out, Desk::explain(tx, alert, clock.now()));
      return {};
    });
    return out;
  }
  std::string stage(const Alert& alert) {
    const auto explanation = why(alert);
    return explanation.why_not.empty() ? "" : explanation.why_not[0].stage;
  }

  net::TemporaryDirectory directory;
  ManualClock clock{Time{1'772'446'272'000'000'000}};  // 2026-03-02T10:11:12Z, a Monday
  std::unique_ptr<catalog::Database> database;
  AccountId account{};
  std::unique_ptr<Notifier> notifier;
  std::unique_ptr<Desk> desk;
  std::map<std::string, Alert> alerts;
};

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
