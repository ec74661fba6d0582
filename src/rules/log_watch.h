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
#include <string>
#include <vector>

#include <re2/re2.h>
#include <re2/set.h>

#include "catalog/alerting.h"
#include "rules/emitter.h"
#include "rules/log_memory.h"
#include "rules/quiet_instances.h"
#include "rules/rule.h"
#include "rules/rule_instance.h"

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
  struct Watched {
    const Rule* rule = nullptr;
    const TailableRule* what = nullptr;
    std::unique_ptr<re2::RE2> pattern, not_pattern, clear_pattern;  ///< null = none
    bool hit = false;  ///< `pattern` is in the record that is being looked at
    bool by_host = false, by_service = false, by_component = false, by_template = false;
    std::size_t firing = 0;
  };
  struct Instance : QuietInstance {
    std::vector<std::string> requests;  ///< the last seen: their further records are the same trouble
    Duration left{};                    ///< paused: of the quiet time
    HourlyUsual usual;                  ///< of a rule with a baseline
  };
  /// What a batch has said of an instance so far.
  struct Fresh {
    bool fires = false;
    std::uint32_t count = 0;
    Time at;
    std::string text;  ///< of the newest line
    std::vector<EvidenceLine> evidence;
  };

  static Watched compile(const Rule& rule);
  void compile_patterns();
  void find_patterns(const LogRecord& record);
  bool matches(const Watched& watched, const LogRecord& record, bool new_template, Time now) const;
  std::size_t needed(const Watched& watched, const Instance& instance, Time at) const;
  std::string instance_key(const Watched& watched, const LogRecord& record) const;
  void match(Watched& watched, const LogRecord& record, EvidenceLine line,
             std::map<InstanceKey, Fresh>& fresh, Emitter& out);
  void clear(Watched& watched, const LogRecord& record, Emitter& out);
  void emit(const InstanceKey& key, Instance& instance, Fresh& fresh, bool silent, Emitter& out);
  void resolve(const InstanceKey& key, Instance& instance, Time at, std::string text, Emitter& out);
  void rest(const InstanceKey& key, const Emitter& out);
  Watched* find_watched(const std::string& rule_id);

  std::vector<Watched> rules_;
  std::unique_ptr<re2::RE2::Set> patterns_;  ///< all rules' at once; null: each has to be tried
  std::vector<std::size_t> rule_of_;         ///< by the pattern's place in the set
  std::vector<int> found_;                   ///< scratch
  LogMemory memory_;
  bool remembers_ = false;  ///< some rule asks for the past
  QuietInstances<Instance> instances_;
};

}  // namespace sentinella::rules
