#include "rules/rule_engine.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/mutex.h"
#include "base/text.h"
#include "rules/emitter.h"
#include "rules/gauge_watch.h"
#include "rules/log_watch.h"
#include "rules/service_watch.h"

namespace sentinella::rules {
namespace {

/// Ticks come every second: a longer gap between two batches is an outage of the server itself.
constexpr Duration kOutage = std::chrono::seconds(5);
/// Instance name of the row that keeps the time of the newest batch.
constexpr std::string_view kClock = "C";

/// Everything of one account.
struct Tenant {
  std::vector<Rule> rules;  ///< the watches point into it
  ServiceWatch services;
  LogWatch logs;
  GaugeWatch gauges;

  std::vector<const Rule*> rules_of(std::size_t kind) const {
    std::vector<const Rule*> out;
    for (const Rule& rule : rules)
      if (rule.what.index() == kind) out.push_back(&rule);
    return out;
  }
  void set_rules(std::vector<Rule> fresh, Emitter& out) {
    // The old rules must outlive the watches' last look at them.
    std::swap(rules, fresh);
    services.set_rules(rules_of(0), out);
    logs.set_rules(rules_of(1), out);
    gauges.set_rules(rules_of(2), out);
  }
  /// What a batch says comes first, then what time alone brings: a late batch may hold the proof of life.
  void consume(const Batch& batch, const LabelsOf& labels, Emitter& out) {
    for (const StateReport& report : batch.reports) services.report(report, out);
    services.advance(out);
    for (const std::string& host : out.returned_hosts) logs.resume(host, out);
    for (const std::string& host : out.silent_hosts) logs.pause(host, out);
    logs.consume(batch.logs, [&](const std::string& host) { return services.silent(host); }, out);
    logs.advance(out);
    gauges.consume(batch.samples, labels, out);
    gauges.advance(out);
  }
};

class Engine final : public RuleEngine {
 public:
  explicit Engine(LabelsOf labels) : labels_(std::move(labels)) {}

  std::vector<Signal> set_rules(AccountId account, std::vector<Rule> rules, Time now) override {
    Lock lock(mutex_);
    Emitter out(account, 0, now);
    tenants_[account].set_rules(std::move(rules), out);
    return std::move(out.outcome.signals);
  }

  Outcome consume(const Batch& batch, std::uint64_t journal_offset) override {
    Lock lock(mutex_);
    pass_time(batch);
    Outcome all;
    if (batch.tick) {
      for (auto& [account, tenant] : tenants_) take(account, tenant, {}, batch.received, journal_offset, all);
    } else {
      take(batch.account, tenants_[batch.account], batch, batch.received, journal_offset, all);
    }
    return all;
  }

  std::optional<Time> next_deadline() const override {
    Lock lock(mutex_);
    std::optional<Time> first;
    for (const auto& [account, tenant] : tenants_)
      for (const auto deadline : {tenant.services.next_deadline(), tenant.logs.next_deadline()})
        if (deadline && (!first || *deadline < *first)) first = deadline;
    return first;
  }

  std::vector<Signal> forget_host(AccountId account, const std::string& host, Time now) override {
    Lock lock(mutex_);
    Emitter out(account, 0, now);
    Tenant& tenant = tenants_[account];
    tenant.services.forget(host, out);
    tenant.logs.forget(host, out);
    tenant.gauges.forget(host, out);
    return std::move(out.outcome.signals);
  }

  std::vector<catalog::RuleState> take_dirty_states() override {
    Lock lock(mutex_);
    std::vector<catalog::RuleState> states;
    for (auto& [account, tenant] : tenants_) {
      tenant.services.take_dirty(account, states);
      tenant.logs.take_dirty(account, states);
      tenant.gauges.take_dirty(account, states);
    }
    if (!tenants_.empty() && now_ != Time{})
      states.push_back({tenants_.begin()->first, "", std::string(kClock), std::to_string(now_.ns)});
    return states;
  }

  void restore(const std::vector<catalog::RuleState>& states) override {
    Lock lock(mutex_);
    for (const catalog::RuleState& state : states) {
      if (state.state.empty() || state.instance.empty()) continue;
      Tenant& tenant = tenants_[state.account];
      if (state.instance == kClock) {
        // Each account that was once the first has a row: the newest counts.
        now_ = std::max(now_, Time{static_cast<std::int64_t>(parse_uint(state.state).value_or(0))});
      } else if (state.rule_id.empty() && state.instance.front() == 'S') {
        tenant.services.restore(state.instance.substr(1), state.state);
      } else if (state.instance.front() == 'L') {
        tenant.logs.restore(state.rule_id, state.instance.substr(1), state.state);
      } else if (state.instance.front() == 'G') {
        tenant.gauges.restore(state.rule_id, state.instance.substr(1), state.state);
      }
    }
  }

  std::vector<ServiceState> services(AccountId account) const override {
    Lock lock(mutex_);
    const auto found = tenants_.find(account);
    if (found == tenants_.end()) return {};
    return found->second.services.services(now_);
  }

  std::vector<NodeState> nodes(AccountId account) const override {
    Lock lock(mutex_);
    const auto found = tenants_.find(account);
    if (found == tenants_.end()) return {};
    return found->second.services.nodes();
  }

 private:
  void take(AccountId account, Tenant& tenant, const Batch& batch, Time now, std::uint64_t offset,
            Outcome& all) const {
    Emitter out(account, offset, now);
    tenant.consume(batch, labels_, out);
    append(all, std::move(out.outcome));
  }
  static void append(Outcome& all, Outcome one) {
    std::ranges::move(one.signals, std::back_inserter(all.signals));
    std::ranges::move(one.events, std::back_inserter(all.events));
    std::ranges::move(one.changed_accounts, std::back_inserter(all.changed_accounts));
  }

  /// Clocks stand still while the server does not run, and until the agents are back.
  void pass_time(const Batch& batch) SENT_REQUIRES(mutex_) {
    const Time now = std::max(now_, batch.received);
    if (now_ != Time{} && (batch.server_started || now - now_ > kOutage))
      for (auto& [account, tenant] : tenants_) {
        tenant.services.shift(now_, now);
        tenant.logs.shift(now_, now);
      }
    now_ = now;
  }

  const LabelsOf labels_;
  mutable Mutex mutex_;
  Time now_ SENT_GUARDED_BY(mutex_);  ///< of the newest batch
  std::map<AccountId, Tenant> tenants_ SENT_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<RuleEngine> make_rule_engine(LabelsOf labels) {
  return std::make_unique<Engine>(std::move(labels));
}

}  // namespace sentinella::rules
