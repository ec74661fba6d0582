// Where the watches put what a batch leads to.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "rules/rule.h"
#include "rules/rule_engine.h"

namespace sentinella::rules {

/// Where a deadline moves when the engine stood still from `from` to `to`.
inline Time after_outage(Time deadline, Time from, Time to) {
  return to + std::max(deadline - from, kReconnect);
}

class Emitter {
 public:
  Emitter(AccountId account, std::uint64_t offset, Time now)
      : account_(account), offset_(offset), now_(now) {}

  /// Begins a signal of a rule; the caller fills in the rest.
  Signal& signal(const Rule& rule, Signal::State state, Time at) {
    Signal& out = outcome.signals.emplace_back();
    out.state = state;
    out.account = account_;
    out.rule_id = rule.id;
    out.event = rule.event;
    out.severity = rule.severity;
    out.tier = rule.tier;
    out.playbook = rule.playbook;
    if (!rule.owner.empty()) out.extras.labels.set("team", rule.owner);
    out.at = at;
    return out;
  }

  /// The id depends on the place in the journal alone, so that a replay makes the same event.
  void event(std::string type, Time at, const std::string& host, const std::string& service,
             std::string summary) {
    Event& out = outcome.events.emplace_back(account_, Event{}).second;
    out.id = to_text(uuid_from_name(
        fmt::format("{}/{}/{}", static_cast<std::uint32_t>(account_), offset_, outcome.events.size())));
    out.type = std::move(type);
    out.time = at;
    out.host = host;
    out.service = service;
    out.summary = std::move(summary);
    out.origin = "server";
  }

  void state(std::string host, std::string service, CheckStatus status, Time at) {
    outcome.states.emplace_back(account_, StateChange{std::move(host), std::move(service), status, at});
  }

  AccountId account() const { return account_; }
  std::uint64_t offset() const { return offset_; }
  Time now() const { return now_; }  ///< the batch's, never a clock's

  void live_state_changed() {
    if (outcome.changed_accounts.empty()) outcome.changed_accounts.push_back(account_);
  }

  Outcome outcome;
  std::vector<std::string> silent_hosts;    ///< whose agent fell silent with this batch
  std::vector<std::string> returned_hosts;  ///< whose agent was silent and speaks again
  struct Retired {
    std::string host, service, why;
  };
  std::vector<Retired> retired;  ///< what an agent that lives no longer watches

 private:
  AccountId account_;
  std::uint64_t offset_;
  Time now_;
};

}  // namespace sentinella::rules
