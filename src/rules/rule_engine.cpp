#include "rules/rule_engine.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/mutex.h"
#include "base/text.h"
#include "rules/clock_watch.h"
#include "rules/emitter.h"
#include "rules/event_watch.h"
#include "rules/gauge_watch.h"
#include "rules/log_watch.h"
#include "rules/quorum_watch.h"
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
  ClockWatch clocks;
  LogWatch logs;
  EventWatch events;
  GaugeWatch gauges;
  QuorumWatch quorums;

  const Rule* find(const std::string& id) const {
    const auto found = std::ranges::find(rules, id, &Rule::id);
    return found == rules.end() ? nullptr : &*found;
  }

  template <typename Wanted>
  std::vector<const Rule*> rules_where(Wanted wanted) const {
    std::vector<const Rule*> out;
    for (const Rule& rule : rules)
      if (wanted(rule)) out.push_back(&rule);
    return out;
  }

  void set_rules(std::vector<Rule> fresh, Emitter& out) {
    // The old rules must outlive the watches' last look at them.
    std::swap(rules, fresh);
    const auto checks = [](const Rule& rule, bool clock) {
      const auto* binary = std::get_if<BinaryRule>(&rule.what);
      return binary && !rule.gauge() && (binary->check == BinaryRule::Check::clock) == clock;
    };
    services.set_rules(rules_where([&](const Rule& rule) { return checks(rule, false); }), out);
    clocks.set_rules(rules_where([&](const Rule& rule) { return checks(rule, true); }), out);
    logs.set_rules(rules_where([](const Rule& rule) { return rule.what.index() == 1; }), out);
    events.set_rules(
        rules_where([](const Rule& rule) { return std::holds_alternative<EventRule>(rule.what); }), out);
    gauges.set_rules(rules_where([](const Rule& rule) { return rule.gauge() != nullptr; }), out);
    quorums.set_rules(rules_where([](const Rule& rule) { return rule.quorum.has_value(); }), out);
  }

  /// What a batch says comes first, then what time alone brings: a late batch may hold the proof of life.
  void consume(const Batch& batch, const LabelsOf& labels, Emitter& out) {
    for (const StateReport& report : batch.reports) {
      services.report(report, out);
      clocks.report(report, out);
    }
    services.advance(out);
    for (const std::string& host : out.returned_hosts) logs.resume(host, out);
    for (const std::string& host : out.silent_hosts) logs.pause(host, out);
    logs.consume(batch.logs, [&](const std::string& host) { return services.silent(host); }, out);
    logs.advance(out);
    events.consume(batch.events, out);
    events.advance(out);
    for (const auto& [host, service, why] : out.retired) gauges.forget(host, service, why, out);
    gauges.consume(batch.samples, labels, out);
    gauges.advance(
        {[&](const std::string& host) { return services.silent(host); },
         [&](const std::string& host, const std::string& service) { return services.absent(host, service); }},
        out);
    if (quorums.wanted()) quorums.learn_hosts(batch.samples, labels, out.account());
    weigh(out);
  }

  bool fires_on(const std::string& rule_id, const std::string& host) const {
    return services.fires_on(rule_id, host) || clocks.fires_on(rule_id, host) ||
           gauges.fires_on(rule_id, host) || logs.fires_on(rule_id, host) || events.fires_on(rule_id, host) ||
           quorums.fires(rule_id);
  }

  /// The first of the rules that this one depends on and that fires there; null = none.
  const std::string* standing_cause(const Rule& rule, const std::string& host) const {
    for (const std::string& id : rule.depends_on)
      if (id != rule.id && fires_on(id, host)) return &id;
    return nullptr;
  }

  /// Who is woken for what the watches have said: dependencies, then quorums.
  void weigh(Emitter& out) {
    const std::size_t said = out.outcome.signals.size();
    std::vector<std::pair<std::string, std::string>> over;  // rule, host
    for (std::size_t i = 0; i < said; ++i) {
      const Signal& signal = out.outcome.signals[i];
      if (signal.state == Signal::State::resolved) over.emplace_back(signal.rule_id, signal.host);
    }
    for (const auto& [id, host] : over)
      for (const Rule& rule : rules)
        if (std::ranges::find(rule.depends_on, id) != rule.depends_on.end() && !standing_cause(rule, host)) {
          services.say_again(rule.id, host, out);
          gauges.say_again(rule.id, host, out);
          logs.say_again(rule.id, host, out);
          events.say_again(rule.id, host, out);
        }
    for (Signal& signal : out.outcome.signals) soften(signal);
    judge_quorums(out);
  }

  void soften(Signal& signal) const {
    const Rule* rule = find(signal.rule_id);
    if (!rule || signal.state == Signal::State::resolved) return;
    if (rule->quorum) signal.tier = Tier::info;
    const std::string* cause = standing_cause(*rule, signal.host);
    if (cause == nullptr || signal.tier == Tier::info) return;
    signal.tier = Tier::info;
    if (!signal.text.empty()) signal.text += fmt::format("; nobody is woken while {} fires", *cause);
  }

  void judge_quorums(Emitter& out) {
    for (const Rule* rule : quorums.rules()) {
      const bool concerned = !out.outcome.changed_accounts.empty() ||
                             std::ranges::any_of(out.outcome.signals, [&](const Signal& signal) {
                               return signal.rule_id == rule->id;
                             });
      if (concerned)
        quorums.judge(*rule, rule->gauge() ? gauges.members(rule->id) : services.members(rule->id), out);
    }
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
      for (const auto deadline :
           {tenant.services.next_deadline(), tenant.logs.next_deadline(), tenant.events.next_deadline()})
        if (deadline && (!first || *deadline < *first)) first = deadline;
    return first;
  }

  std::vector<Signal> forget_host(AccountId account, const std::string& host, Time now) override {
    Lock lock(mutex_);
    Emitter out(account, 0, now);
    Tenant& tenant = tenants_[account];
    tenant.services.forget(host, out);
    tenant.clocks.forget(host, out);
    tenant.logs.forget(host, out);
    tenant.events.forget(host, out);
    tenant.gauges.forget(host, "", "host taken out of service", out);
    tenant.weigh(out);
    return std::move(out.outcome.signals);
  }

  std::vector<catalog::RuleState> take_dirty_states() override {
    Lock lock(mutex_);
    std::vector<catalog::RuleState> states;
    for (auto& [account, tenant] : tenants_) {
      tenant.services.take_dirty(account, states);
      tenant.clocks.take_dirty(account, states);
      tenant.logs.take_dirty(account, states);
      tenant.events.take_dirty(account, states);
      tenant.gauges.take_dirty(account, states);
      tenant.quorums.take_dirty(account, states);
    }
    if (!tenants_.empty() && now_ != Time{})
      states.push_back(
          {tenants_.begin()->first, "", std::string(kClock), fmt::format("{} {}", now_.ns, settled_at_.ns)});
    return states;
  }

  void restore(const std::vector<catalog::RuleState>& states) override {
    Lock lock(mutex_);
    for (const catalog::RuleState& state : states) {
      if (state.state.empty() || state.instance.empty()) continue;
      Tenant& tenant = tenants_[state.account];
      if (state.instance == kClock) {
        // Each account that was once the first has a row: the newest counts.
        const auto numbers = split(state.state, ' ');
        now_ = std::max(now_, number(numbers[0]));
        if (numbers.size() > 1) settled_at_ = std::max(settled_at_, number(numbers[1]));
      } else if (state.rule_id.empty() && state.instance.front() == 'S') {
        tenant.services.restore(state.instance.substr(1), state.state);
      } else if (state.rule_id.empty() && state.instance.front() == 'K') {
        tenant.clocks.restore(state.instance.substr(1), state.state);
      } else if (state.instance.front() == 'L') {
        tenant.logs.restore(state.rule_id, state.instance.substr(1), state.state);
      } else if (state.instance.front() == 'E') {
        tenant.events.restore(state.rule_id, state.instance.substr(1), state.state);
      } else if (state.instance.front() == 'G') {
        tenant.gauges.restore(state.rule_id, state.instance.substr(1), state.state);
      } else if (state.instance.front() == 'Q') {
        tenant.quorums.restore(state.rule_id, state.instance.substr(1), state.state);
      }
    }
    for (auto& [account, tenant] : tenants_) tenant.gauges.settle(settled_at_);
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

  std::vector<RuleInstance> instances(AccountId account, const std::string& rule_id) const override {
    Lock lock(mutex_);
    const auto found = tenants_.find(account);
    if (found == tenants_.end()) return {};
    auto out = found->second.gauges.instances(rule_id);
    std::ranges::move(found->second.logs.instances(rule_id), std::back_inserter(out));
    std::ranges::move(found->second.events.instances(rule_id), std::back_inserter(out));
    return out;
  }

 private:
  static Time number(std::string_view text) {
    return {static_cast<std::int64_t>(parse_uint(text).value_or(0))};
  }

  void take(AccountId account, Tenant& tenant, const Batch& batch, Time now, std::uint64_t offset,
            Outcome& all) const {
    Emitter out(account, offset, now);
    tenant.consume(batch, labels_, out);
    append(all, std::move(out.outcome));
  }
  static void append(Outcome& all, Outcome one) {
    std::ranges::move(one.signals, std::back_inserter(all.signals));
    std::ranges::move(one.events, std::back_inserter(all.events));
    std::ranges::move(one.states, std::back_inserter(all.states));
    std::ranges::move(one.changed_accounts, std::back_inserter(all.changed_accounts));
  }

  /// Clocks stand still while the server does not run, and until the agents are back.
  void pass_time(const Batch& batch) SENT_REQUIRES(mutex_) {
    const Time now = std::max(now_, batch.received);
    if (now_ != Time{} && (batch.server_started || now - now_ > kOutage)) {
      settled_at_ = now + kReconnect;
      for (auto& [account, tenant] : tenants_) {
        tenant.services.shift(now_, now);
        tenant.logs.shift(now_, now);
        tenant.events.shift(now_, now);
        tenant.gauges.shift(now_, now);
        tenant.gauges.settle(settled_at_);
      }
    }
    now_ = now;
  }

  const LabelsOf labels_;
  mutable Mutex mutex_;
  Time now_ SENT_GUARDED_BY(mutex_);         ///< of the newest batch
  Time settled_at_ SENT_GUARDED_BY(mutex_);  ///< until then what is absent may only be late
  std::map<AccountId, Tenant> tenants_ SENT_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<RuleEngine> make_rule_engine(LabelsOf labels) {
  return std::make_unique<Engine>(std::move(labels));
}

}  // namespace sentinella::rules
