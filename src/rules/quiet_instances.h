// What LogWatch and EventWatch have in common: instances of rules that fire on what is found and resolve when
// it has been quiet for long enough.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/alert.h"
#include "rules/emitter.h"
#include "rules/rule.h"
#include "rules/rule_instance.h"
#include "rules/state_codec.h"
#include "rules/timer_queue.h"

namespace sentinella::rules {

/// What a watch adds is in a type derived from this one.
struct QuietInstance {
  bool firing = false;
  bool paused = false;  ///< the quiet clock stands still
  std::string event;    ///< of the rule when it fired
  std::string host, service, resource;
  std::vector<Time> times;             ///< of the newest matches, ascending, at most as many as make it fire
  std::vector<EvidenceLine> evidence;  ///< before it fires
  Time last;                           ///< match, by the server's clock
  Time deadline;                       ///< firing: quiet until then resolves; else: may be forgotten then
};

/// A rule's id, and append_key_part() of "i" and what tells its instances apart.
using InstanceKey = std::pair<std::string, std::string>;

/// Begins a signal about the instance; the caller fills in the rest.
Signal& signal_of(const QuietInstance& instance, const Rule& rule, Signal::State state, Time at,
                  Emitter& out);
/// It fires no more. `rule` is null when that was deleted.
void say_resolved(const InstanceKey& key, QuietInstance& instance, const Rule* rule, Time at,
                  std::string text, Emitter& out);
RuleInstance view_of(const std::string& rule_id, const QuietInstance& instance);
/// The part of an instance's key that people read.
std::string resource_of(const InstanceKey& key);

/// Not thread-safe. Pointers hold until the instance is erased.
template <typename Instance>
class QuietInstances {
 public:
  static constexpr std::size_t kMaxOfRule = 5000;

  Instance* find(const InstanceKey& key) {
    const auto found = instances_.find(key);
    return found == instances_.end() ? nullptr : &found->second;
  }
  /// Null: the rule has kMaxOfRule others.
  Instance* find_or_make(const InstanceKey& key, const std::string& host, const std::string& service) {
    if (Instance* const found = find(key)) return found;
    std::size_t& count = of_rule_[key.first];
    if (count >= kMaxOfRule) return nullptr;
    ++count;
    Instance& made = instances_[key];
    made.host = host;
    made.service = service;
    made.resource = resource_of(key);
    return &made;
  }
  /// As it was saved.
  void restore(const InstanceKey& key, Instance instance) {
    if (!instance.firing) {
      expiry_.set(key, instance.deadline);
    } else if (!instance.paused) {
      quiet_.set(key, instance.deadline);
    }
    ++of_rule_[key.first];
    instances_.insert_or_assign(key, std::move(instance));
  }
  void erase(const InstanceKey& key) {
    quiet_.cancel(key);
    expiry_.cancel(key);
    instances_.erase(key);
    dirty_.insert(key);
    const auto count = of_rule_.find(key.first);
    if (count != of_rule_.end() && --count->second == 0) of_rule_.erase(count);
  }
  /// Erases those for which `gone(key, instance)` is true.
  template <typename Predicate>
  void erase_if(Predicate gone) {
    std::vector<InstanceKey> keys;
    for (auto& [key, instance] : instances_)
      if (gone(key, instance)) keys.push_back(key);
    for (const InstanceKey& key : keys) erase(key);
  }

  /// A firing one resolves when nothing comes until `at`.
  void quiet_at(const InstanceKey& key, Instance& instance, Time at) {
    instance.deadline = at;
    expiry_.cancel(key);
    quiet_.set(key, at);
    dirty_.insert(key);
  }
  /// Its quiet clock stands still.
  void pause(const InstanceKey& key, Instance& instance) {
    instance.paused = true;
    expiry_.cancel(key);
    quiet_.cancel(key);
    dirty_.insert(key);
  }
  /// One that does not fire may be forgotten at `at`.
  void forget_at(const InstanceKey& key, Instance& instance, Time at) {
    instance.deadline = at;
    quiet_.cancel(key);
    expiry_.set(key, at);
    dirty_.insert(key);
  }
  std::optional<Time> next_deadline() const { return quiet_.first(); }  ///< nobody is woken to forget
  /// Those that have been quiet for long enough, with the time at which they were; the caller resolves them.
  std::vector<std::pair<Time, InstanceKey>> take_quiet(Time now) { return quiet_.take_due(now); }
  void forget_due(Time now) {
    for (const auto& [at, key] : expiry_.take_due(now)) erase(key);
  }
  /// The engine did not run from `from` to `to`: quiet times stand still meanwhile.
  void shift(Time from, Time to) {
    for (auto& [key, instance] : instances_)
      if (instance.firing && !instance.paused)
        quiet_at(key, instance, after_outage(instance.deadline, from, to));
  }

  /// Calls `look(key, instance)` for each; "" = of all rules.
  template <typename Look>
  void for_each(const std::string& rule_id, Look look) {
    for (auto it = first_of(instances_, rule_id); is_of(rule_id, it); ++it) look(it->first, it->second);
  }
  /// Calls `look(key, instance)` for those of the rule whose own key begins with `prefix`.
  template <typename Look>
  void for_each_from(const std::string& rule_id, const std::string& prefix, Look look) {
    for (auto it = instances_.lower_bound({rule_id, prefix});
         it != instances_.end() && it->first.first == rule_id && it->first.second.starts_with(prefix); ++it)
      look(it->first, it->second);
  }
  /// Calls `look` for those that fire on the host; "" = on any.
  template <typename Look>
  void for_firing(const std::string& rule_id, const std::string& host, Look look) {
    for_each(rule_id, [&](const InstanceKey&, const Instance& instance) {
      if (instance.firing && (host.empty() || instance.host == host)) look(instance);
    });
  }
  /// On the host ("" = any), or on none in particular.
  bool fires_on(const std::string& rule_id, const std::string& host) const {
    for (auto it = instances_.lower_bound({rule_id, ""}); is_of(rule_id, it); ++it) {
      const Instance& instance = it->second;
      if (instance.firing && (host.empty() || instance.host.empty() || instance.host == host)) return true;
    }
    return false;
  }
  std::vector<RuleInstance> views(const std::string& rule_id) const {
    std::vector<RuleInstance> out;
    for (auto it = first_of(instances_, rule_id); is_of(rule_id, it); ++it)
      out.push_back(view_of(it->first.first, it->second));
    return out;
  }

  void touch(const InstanceKey& key) { dirty_.insert(key); }
  std::set<InstanceKey> take_dirty() { return std::exchange(dirty_, {}); }

 private:
  template <typename Map>
  static auto first_of(Map& instances, const std::string& rule_id) {
    return instances.lower_bound({rule_id, ""});
  }
  bool is_of(const std::string& rule_id, typename std::map<InstanceKey, Instance>::const_iterator it) const {
    return it != instances_.end() && (rule_id.empty() || it->first.first == rule_id);
  }

  std::map<InstanceKey, Instance> instances_;
  std::map<std::string, std::size_t> of_rule_;  ///< number of instances
  TimerQueue<InstanceKey> quiet_;               ///< firing ones
  TimerQueue<InstanceKey> expiry_;              ///< the others
  std::set<InstanceKey> dirty_;                 ///< not saved since they changed, or were erased
};

}  // namespace sentinella::rules
