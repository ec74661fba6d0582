#include "server/evaluation.h"

#include <algorithm>
#include <iterator>
#include <thread>

#include "base/log.h"
#include "catalog/accounts.h"
#include "catalog/alerting.h"
#include "catalog/states.h"
#include "events/change_filter.h"
#include "logs/log_store.h"
#include "rules/rule_file.h"

namespace sentinella::server {
namespace {

constexpr std::string_view kEvaluationLog = "server.evaluation";
constexpr std::size_t kEvidenceLines = 20;
constexpr Duration kHostEvidence = 1h;
constexpr std::size_t kEvidenceText = 4096;
constexpr std::size_t kEvidenceTraceback = 16384;

Result<std::vector<rules::Rule>> rules_of(catalog::Transaction& tx, AccountId account) {
  SENT_TRY_ASSIGN(const auto stored, catalog::list_rules(tx, account));
  std::vector<rules::Rule> rules;
  for (const catalog::StoredRule& one : stored) {
    if (!one.enabled) continue;
    auto item = rules::parse_rule_item(one.yaml);
    if (item)
      std::ranges::move(item->rules, std::back_inserter(rules));
    else
      log::error(kEvaluationLog, "rule {} is left out: {}", one.id, describe(item.error()));
  }
  return rules;
}

}  // namespace

Result<void> Evaluation::restore(Time now) {
  std::vector<std::pair<AccountId, std::vector<rules::Rule>>> rules;
  std::vector<catalog::RuleState> states;
  bus::Offset offset = 0;
  SENT_TRY(parts_.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto accounts, catalog::list_accounts(tx));
    for (const Account& account : accounts) {
      SENT_TRY_ASSIGN(auto of_account, rules_of(tx, account.id));
      rules.emplace_back(account.id, std::move(of_account));
    }
    SENT_TRY_ASSIGN(states, catalog::load_rule_states(tx));
    SENT_TRY_ASSIGN(offset, catalog::evaluated_offset(tx));
    return {};
  }));
  Lock lock(mutex_);
  offset_ = offset;
  stored_offset_ = offset;
  parts_.rules.restore(states);
  // A rule that left the default pack with a new version of the program resolves here.
  for (auto& [account, of_account] : rules) {
    parts_.queries.set_rules(account, of_account);
    std::vector<Signal> signals = parts_.rules.set_rules(account, std::move(of_account), now);
    // Else the replay that follows keeps to the time of its batches.
    if (!signals.empty()) note(std::move(signals), now);
  }
  return settle();
}

void Evaluation::take(const Batch& batch, bus::Offset offset) {
  rules::Outcome outcome;
  {
    Lock lock(mutex_);
    outcome = parts_.rules.consume(batch, offset);
    offset_ = offset;
    // What rules found, then what senders say.
    take_signals(outcome.signals, batch.received);
    take_signals(batch.signals, batch.received);
    ticked_ |= batch.tick;
    events_.insert(events_.end(), outcome.events.begin(), outcome.events.end());
    std::ranges::move(outcome.states, std::back_inserter(states_));
  }
  settle_at_last();
  for (const Event& event : batch.events)
    if (events::is_change(event)) parts_.live.publish_change(batch.account, event);
  for (const auto& [account, event] : outcome.events) parts_.live.publish_change(account, event);
  for (AccountId account : outcome.changed_accounts)
    parts_.live.publish_states(account, parts_.rules.services(account), parts_.rules.nodes(account));
}

/// Repeats are only counted: with the next commit they are stored.
void Evaluation::take_signals(const std::vector<Signal>& signals, Time now) {
  now_ = std::max(now_, now);
  if (signals.empty()) return;
  // What an earlier commit could not store comes first.
  note(signals_.empty() ? parts_.alerts.absorb(signals, now) : signals, now);
}

void Evaluation::note(std::vector<Signal> signals, Time now) {
  signals_.insert(signals_.end(), std::make_move_iterator(signals.begin()),
                  std::make_move_iterator(signals.end()));
  now_ = std::max(now_, now);
}

Result<void> Evaluation::settle() {
  SENT_TRY(store_events());
  const bool asked = due();
  return signals_.empty() && !asked ? Result<void>() : commit();
}

/// Whether the clock changes an alert or somebody is to be told now. Ticks are the only clock.
bool Evaluation::due() {
  if (!std::exchange(ticked_, false)) return false;
  const auto next = next_deadline();
  return next && *next <= now_;
}

std::optional<Time> Evaluation::next_deadline() const {
  const auto alerts = parts_.alerts.next_deadline();
  const auto desk = parts_.desk.next_due();
  if (!alerts || !desk) return alerts ? alerts : desk;
  return std::min(*alerts, *desk);
}

/// Waits without the lock, so that people's edits get their error and a shutdown its way.
void Evaluation::settle_at_last() {
  for (Duration wait = 100ms;; wait = std::min<Duration>(wait * 2, 5s)) {
    {
      Lock lock(mutex_);
      const auto done = settle();
      if (done) return;
      log::error(kEvaluationLog, "cannot store alerts, trying again in {}: {}", to_text(wait),
                 describe(done.error()));
    }
    for (Duration slept{}; slept < wait && !abandoned_; slept += 50ms) std::this_thread::sleep_for(50ms);
    if (abandoned_) return;
  }
}

Result<void> Evaluation::commit() {
  SENT_TRY(store_events());
  for (catalog::RuleState& state : parts_.rules.take_dirty_states()) dirty_.push_back(std::move(state));
  std::vector<Notification> notifications;
  auto written = parts_.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(notifications, parts_.alerts.apply(tx, signals_, now_));
    SENT_TRY(parts_.desk.take(tx, notifications, now_));
    for (const catalog::RuleState& state : dirty_) SENT_TRY(catalog::put_rule_state(tx, state));
    for (const auto& [account, state] : states_)
      SENT_TRY(catalog::put_state(
          tx, {account, state.host, state.service, std::string(rules::to_string(state.status)), state.at}));
    return catalog::set_evaluated_offset(tx, offset_);
  });
  if (!written) {
    parts_.alerts.rolled_back();
    parts_.desk.rolled_back();
    return written;
  }
  parts_.alerts.published();
  parts_.notifier.wake();
  dirty_.clear();
  states_.clear();
  signals_.clear();
  stored_offset_ = offset_;
  for (const Notification& notification : notifications)
    parts_.live.publish_alert(notification.alert, to_string(notification.transition));
  return {};
}

/// Before the offset moves on: after a crash the tap would not see their batches again.
Result<void> Evaluation::store_events() {
  if (events_.empty()) return {};
  for (const auto& [account, event] : events_) SENT_TRY(parts_.events.append(account, {&event, 1}, offset_));
  SENT_TRY(parts_.events.flush());
  events_.clear();
  return {};
}

Result<void> Evaluation::checkpoint() {
  Lock lock(mutex_);
  return offset_ == stored_offset_ && signals_.empty() ? Result<void>() : commit();
}

Result<void> Evaluation::reload_rules(AccountId account, Time now) {
  // Read under the lock: of two edits at once the later one must win.
  Lock lock(mutex_);
  std::vector<rules::Rule> rules;
  SENT_TRY(parts_.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(rules, rules_of(tx, account));
    return {};
  }));
  parts_.queries.set_rules(account, rules);
  note(parts_.rules.set_rules(account, std::move(rules), now), now);
  return commit();
}

Result<void> Evaluation::forget_host(AccountId account, const std::string& host, Time now) {
  Lock lock(mutex_);
  note(parts_.rules.forget_host(account, host, now), now);
  SENT_TRY(commit());
  return parts_.database.write(
      [&](catalog::Transaction& tx) { return catalog::forget_states(tx, account, host); });
}

Result<void> Evaluation::alone(const std::function<Result<void>()>& work) {
  Lock lock(mutex_);
  if (!signals_.empty() || !parts_.alerts.all_stored()) SENT_TRY(commit());
  return work();
}

Result<void> Evaluation::policy_changed(Time now) {
  Lock lock(mutex_);
  parts_.desk.policy_changed();
  note({}, now);
  return commit();
}

std::vector<EvidenceLine> last_lines(const logs::LogStore& logs, AccountId account, const std::string& host,
                                     const std::string& service, Time at) {
  logs::LogQuery query;
  query.host = host;
  query.service = service;
  query.limit = kEvidenceLines;
  // Lines of the same second may carry a later time than the report.
  query.range.until = at + 5s;
  if (service.empty()) {
    // Of a whole host only what complained of late can tell anything.
    query.min_severity = Severity::warning;
    query.range.from = at - kHostEvidence;
  }
  const auto page = logs.search(account, query);
  if (!page) {
    log::warning(kEvaluationLog, "no log lines for an alert of {} on {}: {}", service, host,
                 describe(page.error()));
    return {};
  }
  std::vector<EvidenceLine> lines;
  for (const auto& [id, record] : page->records)
    lines.push_back({id, record.time, record.host, record.service, record.severity,
                     record.raw.substr(0, std::min(record.raw.find('\n'), kEvidenceText)), record.request_id,
                     record.traceback.substr(0, kEvidenceTraceback)});
  std::ranges::reverse(lines);
  return lines;
}

}  // namespace sentinella::server
