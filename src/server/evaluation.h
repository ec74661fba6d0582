// Fresh batches -> rules -> alerts -> outbox, as one durable step: what a batch leads to and the place in the
// journal are committed together, so that a replay neither repeats nor skips anything.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alerts/alert_engine.h"
#include "api/live_stream.h"
#include "base/mutex.h"
#include "bus/journal.h"
#include "catalog/database.h"
#include "events/event_store.h"
#include "logs/log_store.h"
#include "notify/desk.h"
#include "notify/notifier.h"
#include "rules/rule_engine.h"
#include "rules/rule_queries.h"

namespace sentinella::server {

/// Thread-safe; batches are taken by one thread.
class Evaluation {
 public:
  struct Parts {
    catalog::Database& database;
    rules::RuleEngine& rules;
    rules::RuleQueries& queries;
    alerts::AlertEngine& alerts;
    notify::Notifier& notifier;
    notify::Desk& desk;
    events::EventStore& events;
    api::LiveStream& live;
  };
  explicit Evaluation(Parts parts) : parts_(parts) {}

  /// Takes rule states and offset from the database and gives every account its rules. Before the first
  /// batch.
  Result<void> restore(Time now);
  /// The last journal offset whose consequences are durable.
  bus::Offset stored_offset() const { return stored_offset_; }

  /// The intake's tap. Retries until the consequences are stored: a full disk delays, it never skips.
  void take(const Batch& batch, bus::Offset offset);
  /// Stores rule states and offset although nothing happened, so that the journal can forget.
  Result<void> checkpoint();
  /// Rules of the account as the catalogue has them now.
  Result<void> reload_rules(AccountId account, Time now);
  /// The host was taken out of service: its alerts close.
  Result<void> forget_host(AccountId account, const std::string& host, Time now);
  /// Runs `work`, which writes alerts by itself, between two batches and after all that earlier ones led to
  /// is stored (alerts/alert_engine.h).
  Result<void> alone(const std::function<Result<void>()>& work);
  /// Silences, rotas or the like were edited: what that changes is told now.
  Result<void> policy_changed(Time now);
  /// The time of the last batch or tick that was evaluated.
  Time evaluated_until() const {
    Lock lock(mutex_);
    return now_;
  }
  /// When alerts or the desk want a tick.
  std::optional<Time> next_deadline() const;
  /// Ends the retries of take(), for a shutdown on a broken disk: the journal has it all.
  void abandon() { abandoned_ = true; }

 private:
  void take_signals(const std::vector<Signal>& signals, Time now) SENT_REQUIRES(mutex_);
  void note(std::vector<Signal> signals, Time now) SENT_REQUIRES(mutex_);
  Result<void> settle() SENT_REQUIRES(mutex_);
  void settle_at_last() SENT_EXCLUDES(mutex_);
  Result<void> commit() SENT_REQUIRES(mutex_);
  Result<void> store_events() SENT_REQUIRES(mutex_);
  bool due() SENT_REQUIRES(mutex_);

  Parts parts_;
  mutable Mutex mutex_;
  bus::Offset offset_ SENT_GUARDED_BY(mutex_) = 0;
  Time now_ SENT_GUARDED_BY(mutex_);
  bool ticked_ SENT_GUARDED_BY(mutex_) = false;
  // What follows from batches up to offset_ and is not stored yet: kept here until a commit succeeds.
  std::vector<Signal> signals_ SENT_GUARDED_BY(mutex_);
  std::vector<std::pair<AccountId, Event>> events_ SENT_GUARDED_BY(mutex_);
  std::vector<catalog::RuleState> dirty_ SENT_GUARDED_BY(mutex_);
  std::vector<std::pair<AccountId, rules::StateChange>> states_ SENT_GUARDED_BY(mutex_);
  std::atomic<bus::Offset> stored_offset_ = 0;
  std::atomic<bool> abandoned_ = false;
};

/// The last log lines of a service on a host, oldest first: what an alert keeps as evidence.
std::vector<EvidenceLine> last_lines(const logs::LogStore& logs, AccountId account, const std::string& host,
                                     const std::string& service, Time at);

}  // namespace sentinella::server
