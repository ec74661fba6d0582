// EVENT rules of one account. An instance is a rule and what its events say of `by` (a trait such as
// resource_id, or host, service, type); it fires when `count` events lie within `window` by their own times,
// repeats while it fires, and resolves after `quiet` without one, or at once when what clears it comes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catalog/alerting.h"
#include "model/event.h"
#include "rules/emitter.h"
#include "rules/rule.h"
#include "rules/rule_instance.h"
#include "rules/timer_queue.h"

namespace sentinella::rules {

/// Not thread-safe.
class EventWatch {
 public:
  /// `rules` must stay where they are until the next call.
  void set_rules(const std::vector<const Rule*>& rules, Emitter& out);
  void consume(const std::vector<Event>& events, Emitter& out);
  void advance(Emitter& out);
  /// The engine did not run from `from` to `to`: quiet times stand still meanwhile.
  void shift(Time from, Time to);
  std::optional<Time> next_deadline() const { return quiet_.first(); }
  void forget(const std::string& host, Emitter& out);
  bool fires_on(const std::string& rule_id, const std::string& host) const;
  void say_again(const std::string& rule_id, const std::string& host, Emitter& out);
  std::vector<RuleInstance> instances(const std::string& rule_id) const;  ///< "" = of all rules

  void take_dirty(AccountId account, std::vector<catalog::RuleState>& out);
  void restore(const std::string& rule_id, const std::string& instance, std::string_view state);

 private:
  using Key = std::pair<std::string, std::string>;  ///< rule id, instance
  struct Instance {
    bool firing = false;
    std::string event;  ///< of the rule when it fired
    std::string host, service, resource;
    std::vector<Time> times;             ///< of the newest events, ascending, at most rule.count
    std::vector<EvidenceLine> evidence;  ///< before it fires
    Time last;                           ///< by the server's clock
    Time deadline;                       ///< firing: quiet until then resolves; else: may be forgotten then
  };

  const Rule* find_rule(const std::string& id) const;
  void match(const Rule& rule, const Event& event, Emitter& out);
  Instance* instance_of(const Key& key, const Rule& rule, const Event& event);
  void clear(const Rule& rule, const Event& event, Emitter& out);
  Signal& say(const Rule& rule, const Instance& instance, Signal::State state, Time at, Emitter& out) const;
  void resolve(const Key& key, Instance& instance, Time at, std::string text, Emitter& out);
  void erase(const Key& key);

  std::vector<const Rule*> rules_;
  std::map<Key, Instance> instances_;
  std::map<std::string, std::size_t> per_rule_;  ///< number of instances
  TimerQueue<Key> quiet_;                        ///< firing ones
  TimerQueue<Key> expiry_;                       ///< the others; nobody is woken for them
  std::set<Key> dirty_;
};

}  // namespace sentinella::rules
