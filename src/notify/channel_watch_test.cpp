#include "notify/channel_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "catalog/accounts.h"
#include "catalog/alerting.h"
#include "catalog/policy.h"
#include "net/testing.h"
#include "notify/notifier.h"

namespace sentinella::notify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ChannelWatchTest : public testing::Test {
 protected:
  ChannelWatchTest() {
    write([&](catalog::Transaction& tx) -> Result<void> {
      account = catalog::create_account(tx, "ours", {}).value().id;
      SENT_TRY(put(tx, "mail", true));
      return put(tx, "slack", true);
    });
  }
  Result<void> put(catalog::Transaction& tx, const std::string& id, bool enabled) {
    return catalog::put_channel(tx, {account, id, id + "'s name", "webhook",
                                     R"({"url":"http://127.0.0.1:9/"})", Tier::info, enabled});
  }
  void write(const catalog::Database::Work& work) {
    const auto done = database->write(work);
    ASSERT_TRUE(done) << done.error().message;
  }
  void attempt(const std::string& channel, bool ok, const std::string& delivery = "d") {
    clock.advance(1s);
    write([&](catalog::Transaction& tx) {
      return catalog::insert_attempt(
          tx, {delivery, channel, account, ++attempts, clock.now(), {}, ok, ok ? "HTTP 200" : "refused"});
    });
  }
  std::vector<Signal> watch() {
    std::vector<Signal> out;
    write([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(out, watch_channels(tx, known, clock.now()));
      return {};
    });
    return out;
  }
  /// As the alert engine makes it.
  static Alert alert_of(const Signal& signal) {
    Alert alert;
    alert.id = "alert-" + signal.extras.fingerprint;
    alert.account = signal.account;
    alert.event = signal.event;
    alert.resource = signal.resource;
    alert.environment = signal.environment;
    alert.severity = signal.severity;
    alert.tier = signal.tier;
    alert.extras = signal.extras;
    return alert;
  }
  void fail_for_a_minute() {
    for (int i = 0; i < 3; ++i) attempt("mail", false);
    clock.advance(1min);
    const auto signals = watch();
    ASSERT_THAT(signals, SizeIs(1));
    known = {alert_of(signals[0])};
  }

  TemporaryDirectory directory;
  ManualClock clock{Time{1'772'446'272'000'000'000}};
  std::unique_ptr<catalog::Database> database = catalog::open_sqlite(directory / "catalog.db").value();
  AccountId account{};
  std::uint32_t attempts = 0;
  std::vector<Alert> known;
};

TEST_F(ChannelWatchTest, AChannelThatFailsForAMinuteIsAnAlertOnce) {
  attempt("mail", true);
  for (int i = 0; i < 3; ++i) attempt("mail", false);
  EXPECT_THAT(watch(), IsEmpty()) << "a hiccup";
  clock.advance(1min);
  const auto signals = watch();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].state, Signal::State::firing);
  EXPECT_EQ(signals[0].event, "ChannelFails");
  EXPECT_EQ(signals[0].resource, "channel/mail's name");
  EXPECT_THAT(signals[0].text, HasSubstr("refused"));
  known = {alert_of(signals[0])};
  EXPECT_EQ(failing_channel(known[0]), "mail");
  attempt("mail", false);
  EXPECT_THAT(watch(), IsEmpty()) << "known";
}

TEST_F(ChannelWatchTest, OneSuccessBetweenFailuresIsNoFailing) {
  attempt("mail", false);
  attempt("mail", false);
  clock.advance(1min);
  attempt("mail", true);
  attempt("mail", false);
  EXPECT_THAT(watch(), IsEmpty());
}

TEST_F(ChannelWatchTest, AMessageThatIsGivenUpIsReasonEnough) {
  write([&](catalog::Transaction& tx) {
    catalog::OutboxEntry entry;
    entry.delivery_id = "given-up";
    entry.account = account;
    entry.channel_id = "mail";
    entry.state = "failed";
    return catalog::insert_outbox(tx, entry);
  });
  attempt("mail", false, "given-up");
  EXPECT_THAT(watch(), SizeIs(1));
}

TEST_F(ChannelWatchTest, ItEndsWhenAMessageGoesThrough) {
  fail_for_a_minute();
  attempt("mail", true);
  const auto signals = watch();
  ASSERT_THAT(signals, SizeIs(1));
  EXPECT_EQ(signals[0].state, Signal::State::resolved);
  EXPECT_EQ(signals[0].extras.fingerprint, "mail");
  EXPECT_EQ(signals[0].text, "a message went through again");
}

TEST_F(ChannelWatchTest, AChannelThatIsSwitchedOnAgainIsJudgedByWhatFailsFromThenOn) {
  fail_for_a_minute();
  write([&](catalog::Transaction& tx) { return put(tx, "mail", false); });
  known.clear();
  write([&](catalog::Transaction& tx) { return put(tx, "mail", true); });
  EXPECT_THAT(watch(), IsEmpty());
  write([&](catalog::Transaction& tx) { return put(tx, "mail", true); });
  fail_for_a_minute();
}

TEST_F(ChannelWatchTest, OtherSettingsAloneDoNotEndIt) {
  fail_for_a_minute();
  write([&](catalog::Transaction& tx) {
    return catalog::put_channel(
        tx, {account, "mail", "mail", "webhook", R"({"url":"http://127.0.0.1:10/"})", Tier::info, true});
  });
  EXPECT_THAT(watch(), IsEmpty());
  known.clear();
  EXPECT_THAT(watch(), IsEmpty()) << "nothing has failed since";
}

TEST_F(ChannelWatchTest, ItEndsWithTheChannelUnderTheNameThatItBeganWith) {
  fail_for_a_minute();
  write([&](catalog::Transaction& tx) { return put(tx, "mail", false); });
  ASSERT_THAT(watch(), SizeIs(1));
  EXPECT_EQ(watch()[0].text, "the channel was switched off");
  write([&](catalog::Transaction& tx) { return catalog::delete_channel(tx, account, "mail"); });
  ASSERT_THAT(watch(), SizeIs(1));
  EXPECT_EQ(watch()[0].text, "the channel was removed");
  EXPECT_EQ(watch()[0].resource, known[0].resource);
}

TEST_F(ChannelWatchTest, ItIsToldThroughEveryOtherChannelAndNeverThroughItself) {
  fail_for_a_minute();
  const auto notifier = Notifier::create(
      *database, clock, [](const Alert& alert) { return "{\"id\":\"" + alert.id + "\"}"; }, {});
  ASSERT_TRUE(notifier);
  std::vector<std::string> told;
  write([&](catalog::Transaction& tx) -> Result<void> {
    // Even where an escalation chain names just this channel.
    Post post{
        {Notification::Transition::opened, "delivery", 1, known[0]}, "", std::set<std::string>{"mail"}, ""};
    SENT_TRY((*notifier)->post(tx, {post}, clock.now()));
    SENT_TRY_ASSIGN(const auto entries, catalog::deliveries_of_alert(tx, account, known[0].id));
    for (const auto& entry : entries) told.push_back(entry.channel_id);
    return {};
  });
  EXPECT_THAT(told, ElementsAre("slack"));
}

TEST_F(ChannelWatchTest, AnAlertOfAnotherSenderIsNoneOfOurs) {
  fail_for_a_minute();
  known[0].extras.origin = "somebody";
  EXPECT_EQ(failing_channel(known[0]), "");
}

}  // namespace
}  // namespace sentinella::notify
