// EVENT rules of one account. An instance is a rule and what its events say of `by` (a trait such as
// resource_id, or host, service, type); it fires when `count` events lie within `window` by their own times,
// repeats while it fires, and resolves after `quiet` without one, or at once when what clears it comes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/alerting.h"
#include "model/event.h"
#include "rules/emitter.h"
#include "rules/quiet_instances.h"
#include "rules/rule.h"
#include "rules/rule_instance.h"

namespace sentinella::rules {

/// Not thread-safe.
class EventWatch {
 public:
  /// `rules` must stay where they are until the next call.
  void set_rules(const std::vector<const Rule*>& rules, Emitter& out);
  void consume(const std::vector<Event>& events, Emitter& out);
  void advance(Emitter& out);
  /// The engine did not run from `from` to `to`: quiet times stand still meanwhile.
  void shift(Time from, Time to) { instances_.shift(from, to); }
  std::optional<Time> next_deadline() const { return instances_.next_deadline(); }
  void forget(const std::string& host, Emitter& out);
  bool fires_on(const std::string& rule_id, const std::string& host) const {
    return instances_.fires_on(rule_id, host);
  }
  void say_again(const std::string& rule_id, const std::string& host, Emitter& out);
  std::vector<RuleInstance> instances(const std::string& rule_id) const {  ///< "" = of all rules
    return instances_.views(rule_id);
  }

  void take_dirty(AccountId account, std::vector<catalog::RuleState>& out);
  void restore(const std::string& rule_id, const std::string& instance, std::string_view state);

 private:
  const Rule* find_rule(const std::string& id) const;
  void match(const Rule& rule, const Event& event, Emitter& out);
  void clear(const Rule& rule, const Event& event, Emitter& out);

  std::vector<const Rule*> rules_;
  QuietInstances<QuietInstance> instances_;
};

}  // namespace sentinella::rules
