#include <algorithm>

#include <gmock/gmock.h>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/json.h"
#include "catalog/accounts.h"
#include "net/testing.h"
#include "notify/fake_mail_server.h"
#include "notify/mail_digest.h"
#include "notify/notifier.h"

namespace sentinella::notify {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr Time kFivePastTen{1'772'445'900'000'000'000};  // 2026-03-02T10:05:00Z
constexpr Time kHalfPastTen{1'772'447'400'000'000'000};

std::string to_json(const Alert& alert) {
  return JsonWriter()
      .object()
      .field("id", alert.id)
      .field("event", alert.event)
      .field("resource", alert.resource)
      .field("severity", "warning")
      .field("tier", to_string(alert.tier))
      .field("text", alert.text)
      .end()
      .take();
}

Message message(const std::string& transition, const std::string& event, const std::string& resource) {
  Alert alert;
  alert.id = resource;
  alert.event = event;
  alert.resource = resource;
  alert.tier = Tier::ticket;
  alert.text = "it <is> so";
  return {"delivery-" + resource, 1, 1, transition, to_json(alert), "https://watch/alerts/" + resource, ""};
}

/// The decoded parts of a mail, one after the other.
std::string bodies(const std::string& mail) {
  std::string out;
  for (std::size_t at = mail.find("base64\r\n\r\n"); at != std::string::npos;
       at = mail.find("base64\r\n\r\n", at + 1)) {
    std::string code = mail.substr(at + 10, mail.find("\r\n--", at) - at - 10);
    std::erase_if(code, [](char c) { return c == '\r' || c == '\n'; });
    out += from_base64(code).value_or("?") + "\n";
  }
  return out;
}

TEST(MailDigest, SaysWhatIsNewStillOpenAndClosedAndWhatSpeaksMost) {
  const std::string mail =
      mail_digest({message("opened", "DiskFilling", "c1"), message("reminder", "Slow", "c2"),
                   message("closed", "Slow", "c3"), message("severity", "Slow", "c4")},
                  "w@x.org", {"a@x.org"});
  EXPECT_THAT(mail, HasSubstr("Subject: [DIGEST] 2 new, 1 still open, 1 closed\r\n"));
  EXPECT_THAT(mail, HasSubstr("Message-ID: <delivery-c1-digest@x.org>"));
  EXPECT_THAT(mail, Not(HasSubstr("References:")));
  EXPECT_THAT(
      bodies(mail),
      AllOf(HasSubstr(
                "New (2)\n  [WARNING] DiskFilling: c1\n      it <is> so\n      https://watch/alerts/c1\n"),
            HasSubstr("Still open (1)\n  [WARNING] Slow: c2"), HasSubstr("Closed (1)\n  [CLOSED] Slow: c3"),
            HasSubstr("Most often\n     3  Slow\n     1  DiskFilling\n"), HasSubstr("it &lt;is&gt; so")));
}

class DigestTest : public testing::Test {
 protected:
  DigestTest() {
    database = catalog::open_sqlite(directory / "catalog.db").value();
    write([&](catalog::Transaction& tx) -> Result<void> {
      account = catalog::create_account(tx, "ours", {}).value().id;
      return {};
    });
  }
  ~DigestTest() override {
    notifier.reset();
    database.reset();
  }
  void write(const catalog::Database::Work& work) {
    const auto done = database->write(work);
    ASSERT_TRUE(done) << done.error().message;
  }
  void start(std::uint16_t port) {
    const std::string settings = fmt::format(
        R"({{"host":"127.0.0.1","port":{},"security":"none","from":"w@x.org","to":["a@x.org"],"digest":"30m"}})",
        port);
    write([&](catalog::Transaction& tx) {
      return catalog::put_channel(tx, {account, "mail", "mail", "smtp", settings, Tier::info, true});
    });
    restart();
  }
  void restart() {
    notifier.reset();
    notifier = Notifier::create(*database, clock, to_json, {}).value();
  }
  void tell(const std::string& id, Notification::Transition transition, Tier tier = Tier::ticket) {
    Notification news;
    news.transition = transition;
    news.delivery_id = to_text(random_uuid());
    news.sequence = ++sequence;
    news.alert.id = news.alert.resource = id;
    news.alert.event = "Slow";
    news.alert.account = account;
    news.alert.tier = tier;
    write([&](catalog::Transaction& tx) { return notifier->enqueue(tx, {news}, clock.now()); });
    notifier->wake();
  }
  std::string states(const std::string& alert_id) {
    std::vector<catalog::OutboxEntry> rows;
    write([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(rows, catalog::deliveries_of_alert(tx, account, alert_id));
      return {};
    });
    std::ranges::sort(rows, {}, &catalog::OutboxEntry::sequence);
    std::string out;
    for (const auto& row : rows) out += fmt::format("{}:{}:{} ", row.transition, row.state, row.attempts);
    return out;
  }
  /// The clock is another; who waits for it looks again.
  void advance_to(Time time) {
    clock.advance(time - clock.now());
    notifier->reload_channels();
  }

  TemporaryDirectory directory;
  ManualClock clock{kFivePastTen};
  std::unique_ptr<catalog::Database> database;
  AccountId account{};
  std::uint64_t sequence = 0;
  std::unique_ptr<Notifier> notifier;
};

TEST_F(DigestTest, WhatPagesNobodyIsOneMailEveryHalfHour) {
  FakeMailServer server(Replies{{".", "250 queued as 7"}});
  start(server.port());
  tell("a", Notification::Transition::opened);
  tell("b", Notification::Transition::opened);
  tell("c", Notification::Transition::opened);
  tell("c", Notification::Transition::closed);
  EXPECT_EQ(states("a"), "opened:pending:0 ");
  EXPECT_EQ(states("c"), "opened:superseded:0 closed:superseded:0 ")
      << "it was over before anybody heard of it";
  restart();
  // Before the half hour nobody is connected to: the one conversation is that of the digest.
  advance_to(kHalfPastTen);
  ASSERT_TRUE(net::eventually([&] {
    return states("a") == "opened:delivered:1 " && states("b") == states("a");
  })) << states("a")
      << states("b");
  const auto lines = server.said();
  EXPECT_EQ(std::ranges::count(lines, "DATA"), 1);
  EXPECT_THAT(lines, testing::Contains("Subject: [DIGEST] 2 new, 0 still open, 0 closed"));
}

TEST_F(DigestTest, APageIsMailedAtOnceAlsoWhenItWasLessBefore) {
  FakeMailServer server(Replies{{".", "250 queued as 7"}});
  start(server.port());
  tell("a", Notification::Transition::opened);
  tell("b", Notification::Transition::opened);
  restart();
  tell("a", Notification::Transition::severity, Tier::page);
  ASSERT_TRUE(net::eventually([&] { return states("a") == "opened:superseded:0 opened:delivered:1 "; }))
      << states("a");
  EXPECT_EQ(states("b"), "opened:pending:0 ");
  EXPECT_EQ(std::ranges::count(server.said(), "DATA"), 1);
}

TEST_F(DigestTest, ADigestThatIsRefusedIsTriedAgainAsAWhole) {
  FakeMailServer server(Replies{{"DATA", "451 later"}});
  start(server.port());
  tell("a", Notification::Transition::opened);
  tell("b", Notification::Transition::opened);
  restart();  // both are read before the half hour
  advance_to(kHalfPastTen);
  EXPECT_TRUE(net::eventually([&] {
    return states("a") == "opened:pending:1 " && states("b") == states("a");
  })) << states("a")
      << states("b");
}

}  // namespace
}  // namespace sentinella::notify
