// TAILABLE rules of one account: patterns over log records. An instance is a rule and the values of its key
// (host, service ...); it fires when `count` matches lie within `window` by the records' own times, repeats
// while it fires, and resolves after `quiet` without a match, or at once when the clear pattern comes. The
// quiet clock stands still while the host's agent is silent: then silence proves nothing.
//
// A rule may count against a baseline (more than so many times what this hour of the week usually has), or
// look for templates that a service has never written before, once the source has been listened to for a day.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <re2/re2.h>
#include <re2/set.h>

#include "catalog/alerting.h"
#include "rules/emitter.h"
#include "rules/log_memory.h"
#include "rules/rule.h"
#include "rules/rule_instance.h"
#include "rules/timer_queue.h"

namespace sentinella::rules {

/// Not thread-safe.
class LogWatch {
 public:
  /// `rules` must stay where they are until the next call. `silent` says whether a host's agent is silent.
  void set_rules(const std::vector<const Rule*>& rules, Emitter& out);
  void consume(const std::vector<LogRecord>& logs, const std::function<bool(const std::string&)>& silent,
               Emitter& out);
  void pause(const std::string& host, Emitter& out);
  void resume(const std::string& host, Emitter& out);
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

  struct Watched {
    const Rule* rule = nullptr;
    const TailableRule* what = nullptr;
    std::unique_ptr<re2::RE2> pattern, not_pattern, clear_pattern;  ///< null = none
    bool hit = false;  ///< `pattern` is in the record that is being looked at
    bool by_host = false, by_service = false, by_component = false, by_template = false;
    std::size_t firing = 0;
  };
  struct Instance {
    bool firing = false;
    bool paused = false;
    std::string event;  ///< of the rule when it fired
    std::string host, service, resource;
    std::vector<Time> times;  ///< of the newest matches, ascending, at most rule.count
    std::vector<std::string>
        requests;     ///< the last requests seen: their further records are the same trouble
    Time last_match;  ///< by the server's clock
    Time deadline;    ///< firing: quiet until then resolves; else: may be forgotten then
    Duration left{};  ///< paused: of the quiet time
    std::vector<EvidenceLine> evidence;  ///< matches before it fires
    HourlyUsual usual;                   ///< of a rule with a baseline
  };
  /// What a batch has said of an instance so far.
  struct Fresh {
    bool fires = false;
    std::uint32_t count = 0;
    Time at;
    std::vector<EvidenceLine> evidence;
  };

  static Watched compile(const Rule& rule);
  void compile_patterns();
  void find_patterns(const LogRecord& record);
  bool matches(const Watched& watched, const LogRecord& record, bool new_template, Time now) const;
  std::size_t needed(const Watched& watched, const Instance& instance, Time at) const;
  std::string instance_key(const Watched& watched, const LogRecord& record) const;
  void match(Watched& watched, const LogRecord& record, EvidenceLine line, std::map<Key, Fresh>& fresh,
             Emitter& out);
  void touch_match(const Key& key, Instance& instance, const Emitter& out);
  void clear(Watched& watched, const LogRecord& record, Emitter& out);
  void emit(const Key& key, Fresh& fresh, bool silent, Emitter& out);
  void resolve(const Key& key, Instance& instance, Time at, std::string text, Emitter& out);
  void rest(const Key& key, Instance& instance, const Emitter& out);
  void erase(const Key& key);
  Watched* find_watched(const std::string& rule_id);

  std::vector<Watched> rules_;
  std::unique_ptr<re2::RE2::Set> patterns_;  ///< all rules' at once; null: each has to be tried
  std::vector<std::size_t> rule_of_;         ///< by the pattern's place in the set
  std::vector<int> found_;                   ///< scratch
  LogMemory memory_;
  bool remembers_ = false;  ///< some rule asks for the past
  std::map<Key, Instance> instances_;
  std::map<std::string, std::size_t> per_rule_;  ///< number of instances
  TimerQueue<Key> quiet_;                        ///< firing ones
  TimerQueue<Key> expiry_;                       ///< the others; nobody is woken for them
  std::set<Key> dirty_;
};

}  // namespace sentinella::rules
