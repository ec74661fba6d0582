// BINARY rules and live state of one account: processes and heartbeats, driven by the agents' reports.
//
// A service on a host is governed by one process rule: the one with the most specific glob (without wildcards
// first, then the longer, then the smaller id). A host is governed by the first heartbeat rule by id. Without
// a rule the live state is kept all the same, with BinaryRule's defaults, and nothing is signalled.
//
//   up --exited(crash)--> waiting for a replacement --replace_within--> down (firing)
//   up --exited(orderly)--> stopping --stop_grace--> down (firing)
//   up --two snapshots without a process--> down (firing)
//   any --started, or a snapshot with processes--> up (resolves)
//   any --agent silent for stale_after--> unknown (nothing resolves)
//   any --agent alive, and no word of the service for kRetiredAfter--> forgotten (resolves, "retired")
//
// Hosts that die together were last heard within one interval of heartbeats. So the first waits for those
// that are late as well, by a third of stale_after at most: then all are told at once, as one trouble.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "catalog/alerting.h"
#include "model/state_report.h"
#include "rules/emitter.h"
#include "rules/live_state.h"
#include "rules/quorum_watch.h"
#include "rules/rule.h"
#include "rules/timer_queue.h"

namespace sentinella::rules {

/// Not thread-safe.
class ServiceWatch {
 public:
  /// An agent tells of all that it watches in every round: what it leaves out for so long is not configured
  /// any more.
  static constexpr Duration kRetiredAfter = std::chrono::minutes(10);

  /// `rules` must stay where they are until the next call. Alerts of rules that are gone resolve, or pass to
  /// the rule that governs now.
  void set_rules(const std::vector<const Rule*>& rules, Emitter& out);
  void report(const StateReport& report, Emitter& out);
  /// Runs the timers that are due.
  void advance(Emitter& out);
  /// The engine did not run from `from` to `to`: running timers stand still meanwhile.
  void shift(Time from, Time to);
  std::optional<Time> next_deadline() const { return timers_.first(); }
  /// Forgets a host that was taken out of service: its alerts resolve.
  void forget(const std::string& host, Emitter& out);

  bool silent(const std::string& host) const;
  /// It is known on the host and does not run.
  bool absent(const std::string& host, const std::string& service) const;
  /// ServiceDown or the like, of that rule; on any host when `host` is empty.
  bool fires_on(const std::string& rule_id, const std::string& host) const;
  void say_again(const std::string& rule_id, const std::string& host, Emitter& out);
  /// Those that the rule governs and that are here.
  std::vector<Member> members(const std::string& rule_id) const;
  std::vector<ServiceState> services(Time now) const;
  std::vector<NodeState> nodes() const;

  void take_dirty(AccountId account, std::vector<catalog::RuleState>& out);
  void restore(std::string_view instance, std::string_view state);

 private:
  using Key = std::pair<std::string, std::string>;  ///< host, service; service "" = the host itself
  enum class Waiting : std::uint8_t { nothing, replacement, restart };

  /// An alert that this watch has raised and not resolved. It names its event itself, so that it can be
  /// resolved when the rule is long gone.
  struct Open {
    std::string rule_id;  ///< "" = none is open
    std::string event;
    explicit operator bool() const { return !rule_id.empty(); }
  };

  struct Host {
    CheckStatus status = CheckStatus::unknown;
    Time since;
    Time last_seen;
    Time deadline;  ///< silent when nothing is heard until then
    Open silence;
    bool held = false;  ///< `deadline` was put off for others that are late
  };
  struct Service {
    CheckStatus status = CheckStatus::unknown;
    Time since;
    Time mentioned;  ///< by the server's clock; zero: not since this process began
    std::uint32_t pid = 0;
    std::uint32_t processes = 0;
    std::vector<std::uint32_t> mains;  ///< pids of the main processes we know of
    std::vector<Time> restarts;        ///< by the agent's clock, ascending, at most kMaxTimes
    std::vector<Time> crash_starts;    ///< the same of starts after a crash
    Waiting waiting = Waiting::nothing;
    Time deadline;             ///< of `waiting`
    Time exited_at;            ///< by the agent's clock
    bool crashed = false;      ///< the last main process that ended did so unasked; nothing was started since
    bool stopped = false;      ///< the last main process that ended was asked to; nothing was started since
    std::uint32_t misses = 0;  ///< snapshots without a process, in a row
    std::uint32_t returns = 0;  ///< snapshots with one, in a row, while an outage is open
    std::string detail;
    std::string log_problem;
    std::string how;  ///< how the last main process ended, in words
    Open outage;      ///< ServiceDown or the like
    Open loop;        ///< CrashLoop
  };
  static constexpr std::size_t kMaxTimes = 100;
  static constexpr std::size_t kMaxMains = 64;

  const Rule* governing(const std::string& service) const;
  const BinaryRule& parameters(const std::string& service) const;
  const BinaryRule& heartbeat_parameters() const;

  void heard(const std::string& host, Emitter& out);
  void retire_unmentioned(const std::string& host, Emitter& out);
  /// Its alerts resolve.
  void drop(const Key& key, Service& service, const std::string& why, Emitter& out);
  void snapshot(const Key& key, Service& service, const StateReport& report, Emitter& out);
  void seen_running(const Key& key, Service& service, const StateReport& report, Emitter& out);
  void started(const Key& key, Service& service, const StateReport& report, Emitter& out);
  void exited(const Key& key, Service& service, const StateReport& report, Emitter& out);
  void begin_stop(const Key& key, Service& service, Time at, Emitter& out);
  void come_up(const Key& key, Service& service, Time at, Emitter& out);
  void tell_down(const Rule& rule, const Key& key, const Service& service, Time at, const std::string& how,
                 Emitter& out) const;
  void tell_silent(const std::string& host, const Host& state, Emitter& out) const;
  void go_down(const Key& key, Service& service, Time at, const std::string& how, Emitter& out);
  void check_crash_loop(const Key& key, Service& service, Time at, Emitter& out);
  void end_crash_loop(const Key& key, Service& service, Time at, Emitter& out);
  bool waits_for_others(const std::string& host, Host& state, Emitter& out);
  void fall_silent(const std::string& host, Host& state, Emitter& out);
  void run_timer(const Key& key, Time due, Emitter& out);
  void wait(const Key& key, Service& service, Waiting what, Time until);
  void set_status(const Key& key, Service& service, CheckStatus status, Time at, Emitter& out);
  void pass_on(const Key& key, Service& service, Emitter& out);
  void resolve(Open& open, const Key& key, Time at, std::string text, Emitter& out);
  const Rule* find_rule(const std::string& id) const;
  std::string encode(const Key& key) const;
  void touch(const Key& key) { dirty_.insert(key); }

  std::vector<const Rule*> process_rules_;  ///< most specific first
  const Rule* heartbeat_rule_ = nullptr;
  std::map<std::string, Host> hosts_;
  std::map<Key, Service> services_;
  TimerQueue<Key> timers_;
  std::set<Key> dirty_;
};

}  // namespace sentinella::rules
