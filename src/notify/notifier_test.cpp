#include "notify/notifier.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/json.h"
#include "catalog/accounts.h"
#include "catalog/policy.h"
#include "net/testing.h"

namespace sentinella::notify {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A receiver whose answers a test decides.
class Sink {
 public:
  Sink() {
    server_ =
        net::serve([this](net::Request request, net::Respond respond) { take(request, std::move(respond)); });
  }
  ~Sink() { release(); }
  std::string settings() const {
    return fmt::format(R"({{"url":"{}","timeout_seconds":5}})", net::url_of(*server_));
  }
  /// The next requests are answered with these; then 200.
  void answer(std::vector<int> statuses) {
    const std::scoped_lock lock(mutex_);
    statuses_ = std::move(statuses);
  }
  /// Requests hang until release().
  void hang() {
    const std::scoped_lock lock(mutex_);
    hanging_ = true;
  }
  void release() {
    std::vector<net::Respond> held;
    {
      const std::scoped_lock lock(mutex_);
      hanging_ = false;
      held = std::move(held_);
    }
    for (net::Respond& respond : held) respond(net::text_response("ok"));
  }
  /// "event alert delivery" of each request so far.
  std::vector<std::string> got() {
    const std::scoped_lock lock(mutex_);
    return got_;
  }
  /// Ids, in order of arrival.
  std::vector<std::string> deliveries() {
    const std::scoped_lock lock(mutex_);
    return deliveries_;
  }
  bool waits_for(std::size_t count) {
    return net::eventually([&] { return got().size() >= count; });
  }

 private:
  void take(const net::Request& request, net::Respond respond) {
    const auto body = parse_json_object(request.body).value();
    int status = 200;
    {
      const std::scoped_lock lock(mutex_);
      got_.push_back(fmt::format("{} {}", std::string_view(body.at("event").as_string()),
                                 std::string_view(body.at("alert").as_object().at("id").as_string())));
      deliveries_.emplace_back(body.at("delivery_id").as_string());
      if (hanging_) {
        held_.push_back(std::move(respond));
        return;
      }
      if (!statuses_.empty()) {
        status = statuses_.front();
        statuses_.erase(statuses_.begin());
      }
    }
    respond(net::text_response("", status));
  }

  std::mutex mutex_;
  std::vector<int> statuses_;
  bool hanging_ = false;
  std::vector<net::Respond> held_;
  std::vector<std::string> got_;
  std::vector<std::string> deliveries_;
  std::unique_ptr<net::HttpServer> server_;
};

/// A database as the notifier sees it: its disk can be full, an answer late.
class TestedDatabase : public catalog::Database {
 public:
  explicit TestedDatabase(catalog::Database& inner) : inner_(inner) {}
  Result<void> write(const Work& work) override {
    if (!full) return inner_.write(work);
    ++refused;
    return fail(Errc::kNoSpace, "the disk is full");
  }
  Result<void> read(const Work& work) const override {
    const auto done = inner_.read(work);
    if (late.exchange(false)) hold_up();
    return done;
  }
  Result<void> copy_to(const std::filesystem::path& file) const override { return inner_.copy_to(file); }

  std::atomic<bool> full = false;
  std::atomic<int> refused = 0;
  mutable std::atomic<bool> late = false;  ///< the next answer is held up
  std::function<void()> hold_up;

 private:
  catalog::Database& inner_;
};

class NotifierTest : public testing::Test {
 protected:
  NotifierTest() {
    database = catalog::open_sqlite(directory / "catalog.db").value();
    tested = std::make_unique<TestedDatabase>(*database);
    write([&](catalog::Transaction& tx) -> Result<void> {
      account = catalog::create_account(tx, "ours", {}).value().id;
      return {};
    });
  }
  ~NotifierTest() override {
    notifier.reset();
    database.reset();
  }
  void write(const catalog::Database::Work& work) {
    const auto done = database->write(work);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::string add_channel(Sink& sink, Tier min_tier = Tier::ticket) {
    return add_channel(sink.settings(), min_tier);
  }
  std::string add_channel(const std::string& settings, Tier min_tier) {
    catalog::Channel channel{account, to_text(random_uuid()), "channel", "webhook", settings, min_tier, true};
    write([&](catalog::Transaction& tx) { return catalog::put_channel(tx, channel); });
    return channel.id;
  }
  void enable(const std::string& id, Sink& sink, bool enabled) {
    write([&](catalog::Transaction& tx) {
      return catalog::put_channel(
          tx, {account, id, "channel", "webhook", sink.settings(), Tier::ticket, enabled});
    });
    notifier->reload_channels();
  }
  void start() {
    NotifierOptions options;
    options.public_url = "https://watch.example/";
    options.first_retry = 2ms;
    options.max_retry = 10ms;
    options.give_up_after = give_up_after;
    notifier =
        Notifier::create(
            *tested, system_clock(),
            [](const Alert& alert) { return JsonWriter().object().field("id", alert.id).end().take(); },
            options)
            .value();
  }
  Notification news(const std::string& id, Notification::Transition transition, Tier tier = Tier::page) {
    Notification out;
    out.transition = transition;
    out.delivery_id = to_text(random_uuid());
    out.sequence = ++sequence;
    out.alert.id = id;
    out.alert.account = account;
    out.alert.tier = tier;
    return out;
  }
  void tell(const std::vector<Notification>& notifications) {
    write(
        [&](catalog::Transaction& tx) { return notifier->enqueue(tx, notifications, system_clock().now()); });
    notifier->wake();
  }
  std::vector<catalog::OutboxEntry> rows(const std::string& alert_id) {
    std::vector<catalog::OutboxEntry> out;
    write([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(out, catalog::deliveries_of_alert(tx, account, alert_id));
      return {};
    });
    std::ranges::sort(out, {}, &catalog::OutboxEntry::sequence);
    return out;
  }
  std::string states(const std::string& alert_id) {
    std::string out;
    for (const auto& row : rows(alert_id)) out += row.transition + ":" + row.state + " ";
    return out;
  }
  bool becomes(const std::string& alert_id, const std::string& expected) {
    return net::eventually([&] { return states(alert_id) == expected; });
  }

  TemporaryDirectory directory;
  std::unique_ptr<catalog::Database> database;
  std::unique_ptr<TestedDatabase> tested;
  AccountId account{};
  std::uint64_t sequence = 0;
  Duration give_up_after = 1h;
  std::unique_ptr<Notifier> notifier;
};

constexpr auto kOpened = Notification::Transition::opened;
constexpr auto kSeverity = Notification::Transition::severity;
constexpr auto kClosed = Notification::Transition::closed;

TEST_F(NotifierTest, ACommittedNotificationIsDeliveredAndRecorded) {
  Sink sink;
  add_channel(sink);
  start();
  tell({news("a", kOpened)});
  ASSERT_TRUE(becomes("a", "opened:delivered "));
  EXPECT_THAT(sink.got(), ElementsAre("alert.opened a"));
  EXPECT_EQ(rows("a")[0].attempts, 1u);
  EXPECT_TRUE(rows("a")[0].delivered);
}

TEST_F(NotifierTest, ARolledBackOneIsNot) {
  Sink sink;
  add_channel(sink);
  start();
  EXPECT_FALSE(database->write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY(notifier->enqueue(tx, {news("ghost", kOpened)}, system_clock().now()));
    return fail(Errc::kNoSpace, "full");
  }));
  notifier->wake();
  tell({news("a", kOpened)});
  ASSERT_TRUE(becomes("a", "opened:delivered "));
  EXPECT_THAT(sink.got(), ElementsAre("alert.opened a"));
}

TEST_F(NotifierTest, AHungReceiverDelaysOnlyItself) {
  Sink hung, well;
  hung.hang();
  add_channel(hung);
  add_channel(well);
  start();
  std::vector<Notification> many;
  for (int i = 0; i < 20; ++i) many.push_back(news("a" + std::to_string(i), kOpened));
  tell(many);
  ASSERT_TRUE(well.waits_for(20));
  EXPECT_THAT(hung.got(), SizeIs(1));
  hung.release();
  EXPECT_TRUE(hung.waits_for(20));
}

TEST_F(NotifierTest, ServerErrorsAreTriedAgainUnderTheSameId) {
  Sink sink;
  sink.answer({500, 503});
  add_channel(sink);
  start();
  tell({news("a", kOpened)});
  ASSERT_TRUE(becomes("a", "opened:delivered "));
  EXPECT_EQ(rows("a")[0].attempts, 3u);
  EXPECT_THAT(sink.deliveries(), Each(rows("a")[0].delivery_id));
}

TEST_F(NotifierTest, ARefusalIsFinal) {
  Sink sink;
  sink.answer({400});
  add_channel(sink);
  start();
  tell({news("a", kOpened)});
  ASSERT_TRUE(becomes("a", "opened:failed "));
  EXPECT_THAT(rows("a")[0].last_error, HasSubstr("400"));
  tell({news("a", kClosed)});
  tell({news("b", kOpened)});
  ASSERT_TRUE(becomes("b", "opened:delivered "));
  EXPECT_THAT(sink.got(), ElementsAre("alert.opened a", "alert.opened b")) << "no end of what was never told";
}

TEST_F(NotifierTest, OneDayOfFailuresIsEnough) {
  Sink sink;
  sink.answer(std::vector<int>(1000, 500));
  add_channel(sink);
  give_up_after = 20ms;
  start();
  tell({news("a", kOpened)});
  EXPECT_TRUE(becomes("a", "opened:failed "));
}

TEST_F(NotifierTest, AChannelThatWasDisabledForLongGetsItsWholeTimeToTry) {
  Sink sink;
  const std::string id = add_channel(sink);
  give_up_after = 300ms;
  start();
  sink.hang();
  tell({news("first", kOpened)});
  ASSERT_TRUE(sink.waits_for(1));
  tell({news("a", kOpened)});
  enable(id, sink, false);
  sink.release();
  ASSERT_TRUE(becomes("first", "opened:delivered "));
  write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY(tx.execute("UPDATE outbox SET created = 1 WHERE alert_id = 'a'"));
    return {};
  });
  notifier.reset();
  start();
  sink.answer({500});
  enable(id, sink, true);
  EXPECT_TRUE(becomes("a", "opened:delivered ")) << "two days ago it was told to wait, not to try";
}

TEST_F(NotifierTest, EveryAttemptIsKept) {
  Sink sink;
  sink.answer({500});
  add_channel(sink);
  start();
  tell({news("a", kOpened)});
  ASSERT_TRUE(becomes("a", "opened:delivered "));
  const std::string delivery = rows("a")[0].delivery_id;
  std::vector<catalog::DeliveryAttempt> attempts;
  write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(attempts, catalog::attempts_of(tx, account, delivery));
    return {};
  });
  ASSERT_THAT(attempts, SizeIs(2));
  EXPECT_FALSE(attempts[0].ok);
  EXPECT_THAT(attempts[0].answer, HasSubstr("500"));
  EXPECT_TRUE(attempts[1].ok);
}

TEST_F(NotifierTest, ASilentChannelProvesItselfOnceADay) {
  Sink sink;
  add_channel(sink);
  start();
  EXPECT_THAT(notifier->canary(24h), IsEmpty());
  EXPECT_THAT(sink.got(), ElementsAre("alert.canary canary"));
  EXPECT_THAT(notifier->canary(24h), IsEmpty());
  EXPECT_THAT(sink.got(), SizeIs(1)) << "it has proved itself today";
  sink.answer({500});
  EXPECT_THAT(notifier->canary(0s), SizeIs(1));
}

TEST_F(NotifierTest, AClosedNeverOvertakesItsOpened) {
  Sink sink;
  sink.answer({500, 500, 500, 500});
  add_channel(sink);
  start();
  tell({news("a", kOpened)});
  ASSERT_TRUE(sink.waits_for(1));
  tell({news("a", kClosed)});
  ASSERT_TRUE(becomes("a", "opened:delivered closed:delivered "));
  const auto got = sink.got();
  EXPECT_EQ(got.back(), "alert.closed a");
  EXPECT_EQ(std::ranges::count(got, "alert.closed a"), 1);
}

TEST_F(NotifierTest, WhatOpenedAndClosedBeforeItsTurnIsNeverMentioned) {
  Sink sink;
  sink.hang();
  add_channel(sink);
  start();
  tell({news("first", kOpened)});
  ASSERT_TRUE(sink.waits_for(1));
  tell({news("b", kOpened)});
  tell({news("c", kOpened)});
  tell({news("b", kClosed), news("c", kSeverity)});
  EXPECT_EQ(states("b"), "opened:superseded closed:superseded ");
  EXPECT_EQ(states("c"), "opened:superseded opened:pending ");
  sink.release();
  ASSERT_TRUE(becomes("c", "opened:superseded opened:delivered "));
  EXPECT_THAT(sink.got(), ElementsAre("alert.opened first", "alert.opened c"));
}

TEST_F(NotifierTest, ASupersedingThatIsRolledBackLosesNothing) {
  Sink sink;
  sink.hang();
  add_channel(sink);
  start();
  tell({news("first", kOpened)});
  ASSERT_TRUE(sink.waits_for(1));
  tell({news("b", kOpened)});
  EXPECT_FALSE(database->write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY(notifier->enqueue(tx, {news("b", kClosed)}, system_clock().now()));
    return fail(Errc::kNoSpace, "full");
  }));
  sink.release();
  EXPECT_TRUE(becomes("b", "opened:delivered "));
}

TEST_F(NotifierTest, ACrashBeforeTheRecordSendsTheSameIdAgain) {
  Sink sink;
  add_channel(sink);
  start();
  const Notification opened = news("a", kOpened);
  write([&](catalog::Transaction& tx) { return notifier->enqueue(tx, {opened}, system_clock().now()); });
  notifier.reset();  // it had no chance to send, or none to say so
  EXPECT_THAT(sink.got(), IsEmpty());
  sink.hang();
  start();
  ASSERT_TRUE(sink.waits_for(1));
  tell({news("a", kClosed)});  // the receiver may have seen the first one: it hears the end, too
  sink.release();
  ASSERT_TRUE(becomes("a", "opened:delivered closed:delivered "));
  EXPECT_EQ(sink.deliveries()[0], opened.delivery_id);
}

TEST_F(NotifierTest, WhatWasSentButCouldNotBeRecordedIsClosedAndNotSentAgain) {
  Sink sink;
  add_channel(sink);
  start();
  tested->full = true;
  tell({news("a", kOpened)});
  ASSERT_TRUE(net::eventually([&] { return tested->refused >= 2; })) << "the write is tried again";
  tell({news("a", kClosed)});
  EXPECT_EQ(states("a"), "opened:pending closed:pending ");
  tested->full = false;
  ASSERT_TRUE(becomes("a", "opened:delivered closed:delivered "));
  EXPECT_THAT(sink.got(), ElementsAre("alert.opened a", "alert.closed a"));
  EXPECT_EQ(rows("a")[0].attempts, 1u);
}

TEST_F(NotifierTest, ARefusalThatCouldNotBeRecordedIsStillFinal) {
  Sink sink;
  sink.answer({400});
  add_channel(sink);
  start();
  tested->full = true;
  tell({news("a", kOpened)});
  ASSERT_TRUE(net::eventually([&] { return tested->refused >= 2; }));
  tell({news("a", kClosed)});
  tested->full = false;
  ASSERT_TRUE(becomes("a", "opened:failed "));
  EXPECT_THAT(sink.got(), ElementsAre("alert.opened a"));
}

TEST_F(NotifierTest, AChannelHearsOnlyItsTiers) {
  Sink pages, tickets, all;
  add_channel(pages, Tier::page);
  add_channel(tickets, Tier::ticket);
  add_channel(all, Tier::info);
  start();
  tell({news("info", kOpened, Tier::info), news("ticket", kOpened, Tier::ticket),
        news("page", kOpened, Tier::page)});
  ASSERT_TRUE(all.waits_for(3));
  ASSERT_TRUE(tickets.waits_for(2));
  ASSERT_TRUE(pages.waits_for(1));
  EXPECT_THAT(pages.got(), ElementsAre("alert.opened page"));
  EXPECT_THAT(tickets.got(), ElementsAre("alert.opened ticket", "alert.opened page"));
}

TEST_F(NotifierTest, ChannelsComeAndGoWhileItRuns) {
  Sink sink, late;
  const std::string id = add_channel(sink);
  start();
  write([&](catalog::Transaction& tx) { return catalog::delete_channel(tx, account, id); });
  add_channel(late);
  notifier->reload_channels();
  tell({news("a", kOpened)});
  ASSERT_TRUE(late.waits_for(1));
  EXPECT_THAT(sink.got(), IsEmpty());
}

TEST_F(NotifierTest, ADisabledChannelHearsTheEndOfWhatItKnowsWhenItIsEnabled) {
  Sink sink;
  const std::string id = add_channel(sink);
  start();
  tell({news("a", kOpened)});
  ASSERT_TRUE(becomes("a", "opened:delivered "));
  enable(id, sink, false);
  tell({news("a", kClosed), news("b", kOpened)});
  EXPECT_EQ(states("a"), "opened:delivered closed:pending ");
  EXPECT_EQ(states("b"), "");
  enable(id, sink, true);
  ASSERT_TRUE(becomes("a", "opened:delivered closed:delivered "));
  EXPECT_THAT(sink.got(), ElementsAre("alert.opened a", "alert.closed a"));
}

TEST_F(NotifierTest, WhatEndedWhileItsChannelWasDisabledIsNeverMentioned) {
  Sink sink;
  sink.hang();
  const std::string id = add_channel(sink);
  start();
  tell({news("first", kOpened)});
  ASSERT_TRUE(sink.waits_for(1));
  tell({news("b", kOpened)});
  enable(id, sink, false);
  tell({news("b", kClosed)});
  EXPECT_EQ(states("b"), "opened:superseded closed:superseded ");
  enable(id, sink, true);
  sink.release();
  tell({news("c", kOpened)});
  ASSERT_TRUE(becomes("c", "opened:delivered "));
  EXPECT_THAT(sink.got(), ElementsAre("alert.opened first", "alert.opened c"));
}

TEST_F(NotifierTest, OfTwoReloadsAtOnceTheNewerConfigurationStays) {
  Sink before, after;
  const std::string id = add_channel(before);
  start();
  std::promise<void> read, overtaken;
  tested->hold_up = [&] {
    read.set_value();
    overtaken.get_future().wait_for(100ms);  // ends early only where it can be overtaken
  };
  tested->late = true;
  std::thread older([&] { notifier->reload_channels(); });
  read.get_future().wait();
  enable(id, after, true);
  overtaken.set_value();
  older.join();
  tell({news("a", kOpened)});
  ASSERT_TRUE(becomes("a", "opened:delivered "));
  EXPECT_THAT(before.got(), IsEmpty());
  EXPECT_THAT(after.got(), ElementsAre("alert.opened a"));
}

TEST_F(NotifierTest, CorrectedSettingsAreUsedForWhatWaits) {
  Sink sink;
  const std::string id = add_channel(R"({"url":"http://127.0.0.1:1/","timeout_seconds":1})", Tier::ticket);
  start();
  tell({news("a", kOpened)});
  ASSERT_TRUE(net::eventually([&] { return rows("a")[0].attempts > 0; }));
  write([&](catalog::Transaction& tx) {
    return catalog::put_channel(tx, {account, id, "channel", "webhook", sink.settings(), Tier::ticket, true});
  });
  notifier->reload_channels();
  EXPECT_TRUE(becomes("a", "opened:delivered "));
}

TEST_F(NotifierTest, ATestMessageIsMarkedAndReportsTheAnswer) {
  Sink sink;
  const std::string id = add_channel(sink);
  start();
  ASSERT_TRUE(notifier->test(account, id));
  EXPECT_THAT(sink.got(), ElementsAre("alert.test test"));
  sink.answer({403});
  EXPECT_EQ(notifier->test(account, id).error().code, Errc::kForbidden);
  EXPECT_EQ(notifier->test(AccountId{99}, id).error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace sentinella::notify
