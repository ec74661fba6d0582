// What the tests of the desk share.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/json.h"
#include "catalog/accounts.h"
#include "catalog/alerting.h"
#include "net/testing.h"
#include "notify/desk.h"
#include "notify/notifier.h"

namespace sentinella::notify {

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
  Notification change(Alert& alert, AlertStatus status, Notification::Transition transition) {
    alert.status = status;
    alert.update_time = clock.now();
    if (transition == Notification::Transition::opened || transition == Notification::Transition::reopened)
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
  void open(Alert& alert) { take({change(alert, AlertStatus::open, Notification::Transition::opened)}); }
  void close(Alert& alert) { take({change(alert, AlertStatus::closed, Notification::Transition::closed)}); }
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
      SENT_TRY_ASSIGN(out, desk->explain(tx, alert, clock.now()));
      return {};
    });
    return out;
  }
  std::vector<std::string> stages(const Alert& alert) {
    std::vector<std::string> out;
    for (const Obstacle& one : why(alert).why_not) out.push_back(one.stage);
    return out;
  }
  std::string stage(const Alert& alert) {
    const auto explanation = why(alert);
    return explanation.why_not.empty() ? "" : explanation.why_not[0].stage;
  }

  TemporaryDirectory directory;
  ManualClock clock{Time{1'772'446'272'000'000'000}};  // 2026-03-02T10:11:12Z, a Monday
  std::unique_ptr<catalog::Database> database;
  AccountId account{};
  std::unique_ptr<Notifier> notifier;
  std::unique_ptr<Desk> desk;
  std::map<std::string, Alert> alerts;
};

}  // namespace sentinella::notify
