// Numbers of one account against thresholds: GAUGE rules and BINARY checks of a series. Evaluated on every
// write, with time counted by the samples; the value of a PromQL rule comes as a sample too
// (rules/rule_series.h).
//
// An instance is a rule and the values of its `by` labels. Samples of all series of an instance are pooled
// over the window (`rate` adds up the series' rates). A level is reached when its `set` held at every sample
// for as long as its `for` (and `fail_count` times); it is left only when a sample lies beyond its `clear`
// and stays there for keep_firing_for. Samples older than the newest of their series are for storage only.
//
// Missing samples are a state of their own, told apart by cause:
//   the agent of the host is silent   nothing changes; the rule about agents speaks for all
//   the service does not run          nothing changes; the rule about services does
//   the series is gone                no data: `no_data` of the rule says what follows; never "resolved" by
//                                     itself
//   retired: host taken out, service  the instance is dropped (forget(), set_rules())
//   not watched any more, rule gone
//   we did not run (shift())          all clocks stand still for the gap
//   a sample came late                it waits in the store; a gap between samples stops the clock of `for`
// Elements that a Prometheus rule's expression no longer gives have resolved, as there, marked `resolved:
// absent`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catalog/alerting.h"
#include "model/compiled_matcher.h"
#include "model/sample_block.h"
#include "rules/emitter.h"
#include "rules/gauge_window.h"
#include "rules/quorum_watch.h"
#include "rules/rule.h"
#include "rules/rule_instance.h"
#include "rules/series_map.h"
#include "rules/timer_queue.h"

namespace sentinella::rules {

/// What else is known of where a series comes from.
struct Presence {
  std::function<bool(const std::string& host)> host_silent;
  std::function<bool(const std::string& host, const std::string& service)> service_absent;
};

/// Not thread-safe.
class GaugeWatch {
 public:
  /// `rules` have a gauge() each and must stay where they are until the next call.
  void set_rules(const std::vector<const Rule*>& rules, Emitter& out);
  void consume(const SampleBlock& samples, const LabelsOf& labels, Emitter& out);
  /// Looks for what has stopped coming; forgets instances without samples for a day.
  void advance(const Presence& presence, Emitter& out);
  /// The engine did not run from `from` to `to`.
  void shift(Time from, Time to);
  /// What it knows of a host, or of one service there, is dropped; alerts resolve with the reason.
  void forget(const std::string& host, const std::string& service, const std::string& why, Emitter& out);
  /// After an outage of ours: absence proves nothing until then.
  void settle(Time at) { settled_at_ = at; }

  std::vector<RuleInstance> instances(const std::string& rule_id) const;  ///< "" = of all rules
  /// What a BINARY rule watches.
  std::vector<Member> members(const std::string& rule_id) const;
  bool fires_on(const std::string& rule_id, const std::string& host) const;
  /// Says again what fires on a host ("" = anywhere): who hears of it has changed.
  void say_again(const std::string& rule_id, const std::string& host, Emitter& out);

  void take_dirty(AccountId account, std::vector<catalog::RuleState>& out);
  void restore(const std::string& rule_id, const std::string& instance, std::string_view state);

 private:
  using Key = std::pair<std::string, std::string>;  ///< rule id, instance
  /// In place of an instance: how often the rule's evaluation has failed.
  static constexpr std::string_view kFailures = "e";

  struct Watched {
    const Rule* rule = nullptr;
    const GaugeRule* what = nullptr;
    std::vector<CompiledMatcher> matchers;
  };
  struct Instance {
    std::string event;  ///< of the rule when it fired
    std::string host, service, resource;
    Labels labels;  ///< of a PromQL rule the element's, of another those that host and service leave out
    GaugeWindow window;
    Time evaluated;       ///< by the data
    Time heard;           ///< by the server's clock
    Time excused;         ///< until then its silence had a reason; known of this process only
    Duration interval{};  ///< between evaluations, as they come
    bool late = false;    ///< the last one came after more than two intervals
    std::uint32_t seen = 0;
    Time forget_at;
    double value = 0;                        ///< of the last evaluation
    std::vector<std::optional<Time>> since;  ///< per level: its `set` has held since
    std::vector<std::uint32_t> hits;         ///< per level: so many evaluations in a row
    std::optional<std::size_t> level;        ///< firing
    std::optional<AlertSeverity> told;       ///< severity of the last signal
    std::optional<Time> recovering;          ///< beyond `clear` since
    std::uint32_t recoveries = 0;            ///< evaluations in a row beyond it
    std::optional<Time> missing;             ///< no data since
    bool told_missing = false;
    Time look_at;                          ///< when to look whether something still comes; zero = not
    Labels told_labels, told_annotations;  ///< of Prometheus' rules: as they were expanded when it fired
  };
  /// What a series is to the rules: looked up once per id, forgotten when the rules change.
  struct Interest {
    enum class Role : std::uint8_t { value, divisor, elements } role = Role::value;
    std::size_t rule = 0;  ///< index into rules_
    Key key;
    std::uint64_t series = 0;  ///< hash of the labels
  };
  /// One sample on its way into an instance.
  struct Arrival {
    Sample sample;
    std::uint64_t series = 0;
    bool divisor = false;
  };
  using Arrivals = std::map<Key, std::vector<Arrival>>;

  // gauge_watch.cpp: from samples to instances
  static Watched compile(const Rule& rule);
  void refit(const Key& key, Instance& instance, const Watched& watched, const std::vector<Watched>& before,
             Emitter& out);
  bool matches(const Watched& watched, const Labels& labels) const;
  std::vector<Interest> interests_in(const Labels& labels) const;
  const std::vector<Interest>& interests_in(SeriesId id, const LabelsOf& labels, AccountId account);
  bool make_instance(const Watched& watched, const Key& key, const Labels& labels);
  void take(const Watched& watched, const Key& key, std::vector<Arrival>& arrivals, Emitter& out);
  void heard_of(const Watched& watched, const Key& key, Instance& instance, Emitter& out);
  void erase(const Key& key);
  const Watched* find_watched(const std::string& rule_id) const;

  // gauge_judge.cpp: from a value to a state
  void pass_time(Instance& instance, Time at);
  void evaluate(const Watched& watched, const Key& key, Instance& instance, Time at, double value,
                Emitter& out);
  std::optional<std::size_t> reached_level(const GaugeRule& what, Instance& instance, Time at, double value);
  void leave_level(const Watched& watched, const Key& key, Instance& instance, Time at, double value,
                   Emitter& out);
  void tell(const Watched& watched, Instance& instance, Time at, Emitter& out);
  std::string sentence(const Watched& watched, const Instance& instance) const;
  Signal& resolve(const Key& key, Instance& instance, Time at, std::string value, std::string text,
                  Emitter& out);
  static void name(Signal& signal, const Instance& instance);

  // gauge_absence.cpp: from silence to a state
  void elements_given(const Watched& watched, Time at, double count, Emitter& out);
  void element_gone(const Watched& watched, const Key& key, Instance& instance, Time at, Emitter& out);
  void look_again(const Key& key, Instance& instance, Time at);
  void look_for(const Key& key, Instance& instance, const Presence& presence, Emitter& out);
  void go_missing(const Watched& watched, const Key& key, Instance& instance, Emitter& out);
  void tell_missing(const Watched& watched, Instance& instance, bool gone, Emitter& out);
  void tell_failure(const Watched& watched, Time at, bool failed, Emitter& out);

  std::vector<Watched> rules_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_metric_;
  std::vector<std::vector<Interest>> interests_{{}};  ///< the first is: none
  SeriesMap<std::uint32_t> interest_of_;              ///< index into interests_ + 1; 0 = not looked up yet
  std::map<Key, Instance> instances_;
  std::map<std::string, std::size_t> per_rule_;
  std::map<Key, std::size_t> missing_on_;          ///< rule, host: so many instances were told to be missing
  std::map<std::string, std::uint32_t> failures_;  ///< evaluations of a rule that failed, in a row
  TimerQueue<Key> expiry_;
  TimerQueue<Key> absence_;  ///< when to look whether something still comes
  Time settled_at_;
  std::set<Key> dirty_;
};

}  // namespace sentinella::rules
