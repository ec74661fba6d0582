// For tests: an alert engine over a catalogue of its own, with two accounts.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "alerts/alert_engine.h"
#include "base/temporary_directory.h"
#include "catalog/accounts.h"
#include "catalog/alerting.h"

namespace sentinella::alerts {

class AlertEngineTest : public testing::Test {
 protected:
  explicit AlertEngineTest(AlarmModel::Name alarms = AlarmModel::Name::alerta) : model(alarms) {
    database = catalog::open_sqlite(directory / "catalog.db").value();
    EXPECT_TRUE(database->write([&](catalog::Transaction& tx) -> Result<void> {
      account = catalog::create_account(tx, "ours", at(0)).value().id;
      other = catalog::create_account(tx, "theirs", at(0)).value().id;
      return {};
    }));
    start();
  }
  /// A new process on the same catalogue.
  void start() {
    Surroundings around;
    around.evidence = [this](AccountId, const std::string& host, const std::string&, Time time) {
      EvidenceLine line;
      line.id = {1, 1};
      line.time = time - age_of_last_line;
      line.host = host;
      line.text = "the last line";
      return std::vector{line};
    };
    around.environment = [](AccountId, const std::string& host) { return host == "c9" ? "Lab" : ""; };
    engine = AlertEngine::create(*database, around, model).value();
  }
  static Time at(std::int64_t seconds) { return {1'772'000'000'000'000'000 + seconds * 1'000'000'000}; }
  Signal signal(Signal::State state, AlertSeverity severity = AlertSeverity::major) {
    Signal out;
    out.state = state;
    out.account = account;
    out.rule_id = "rule";
    out.event = "ServiceDown";
    out.resource = "c1/nova-compute";
    out.host = "c1";
    out.service = "nova-compute";
    out.severity = severity;
    out.at = at(clock);
    out.text = "it died";
    out.value = "down";
    return out;
  }
  /// Applies and commits; the transitions.
  std::vector<std::string> apply(const std::vector<Signal>& signals) {
    std::vector<Notification> out;
    const auto done = database->write([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(out, engine->apply(tx, signals, at(++clock)));
      return {};
    });
    EXPECT_TRUE(done) << done.error().message;
    engine->published();
    std::vector<std::string> names;
    for (Notification& n : out) {
      names.emplace_back(to_string(n.transition));
      told.push_back(std::move(n));
    }
    return names;
  }
  /// As the server does: repeats are counted, the rest is applied and committed, if there is any.
  std::vector<std::string> take(std::vector<Signal> signals) {
    signals = engine->absorb(signals, at(++clock));
    return signals.empty() ? std::vector<std::string>() : apply(signals);
  }
  Result<std::pair<Alert, std::vector<Notification>>> act(const std::string& id, Action action,
                                                          Duration timeout = {}) {
    return engine->act(account, id, {action, "on it", "kim", timeout}, at(++clock),
                       [&](catalog::Transaction&, const std::vector<Notification>& n) -> Result<void> {
                         enqueued += n.size();
                         return {};
                       });
  }
  Alert only() {
    const auto live = engine->live(account);
    EXPECT_THAT(live, testing::SizeIs(1));
    return live.empty() ? Alert{} : live[0];
  }
  Alert stored(const std::string& id) {
    Alert out;
    EXPECT_TRUE(database->read([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(out, catalog::find_alert(tx, account, id));
      return {};
    }));
    return out;
  }

  AlarmModel::Name model;
  const TemporaryDirectory directory;
  std::unique_ptr<catalog::Database> database;
  std::unique_ptr<AlertEngine> engine;
  AccountId account{}, other{};
  std::int64_t clock = 0;
  std::vector<Notification> told;
  std::size_t enqueued = 0;
  Duration age_of_last_line{0};
};

inline constexpr auto kFiring = Signal::State::firing;
inline constexpr auto kRepeated = Signal::State::repeated;
inline constexpr auto kResolved = Signal::State::resolved;

}  // namespace sentinella::alerts
