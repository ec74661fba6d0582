// GAUGE rules of one account: numbers against thresholds, evaluated on every write, with time counted by the
// samples.
//
// An instance is a rule and the values of its `by` labels. Samples of all series of an instance are pooled
// over the window (`rate` adds up the series' rates). A level is reached when its `set` held at every sample
// for as long as its `for`; it is left only when a sample lies beyond its `clear` and stays there for
// keep_firing_for. Missing samples change nothing. Samples older than the newest of their series are for
// storage only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include "catalog/alerting.h"
#include "model/sample_block.h"
#include "rules/emitter.h"
#include "rules/rule.h"
#include "rules/series_map.h"
#include "rules/timer_queue.h"

namespace sentinella::rules {

/// Not thread-safe.
class GaugeWatch {
 public:
  /// `rules` must stay where they are until the next call.
  void set_rules(const std::vector<const Rule*>& rules, Emitter& out);
  void consume(const SampleBlock& samples, const LabelsOf& labels, Emitter& out);
  /// Forgets instances without samples for a day.
  void advance(Emitter& out);
  void forget(const std::string& host, Emitter& out);

  void take_dirty(AccountId account, std::vector<catalog::RuleState>& out);
  void restore(const std::string& rule_id, const std::string& instance, std::string_view state);

 private:
  using Key = std::pair<std::string, std::string>;  ///< rule id, instance

  struct Watched {
    const Rule* rule = nullptr;
    const GaugeRule* what = nullptr;
    std::vector<std::pair<LabelMatcher, std::unique_ptr<re2::RE2>>> matchers;
  };
  struct Instance {
    std::string event;  ///< of the rule when it fired
    std::string host, service, resource;
    std::map<std::uint64_t, std::vector<Sample>>
        series;  ///< by hash of the labels; ascending, inside the window
    std::optional<Sample> divisor;
    Time evaluated;
    Time forget_at;
    std::vector<std::optional<Time>> since;  ///< per level: its `set` has held since
    std::optional<std::size_t> level;        ///< firing
    std::optional<AlertSeverity> told;       ///< severity of the last signal
    std::optional<Time> recovering;          ///< beyond `clear` since
  };
  /// What a series is to the rules: looked up once per id, forgotten when the rules change.
  struct Interest {
    std::size_t rule = 0;  ///< index into rules_
    Key key;
    std::uint64_t series = 0;  ///< hash of the labels
    bool divisor = false;
  };
  /// One sample on its way into an instance.
  struct Arrival {
    Sample sample;
    std::uint64_t series = 0;
    bool divisor = false;
  };

  static Watched compile(const Rule& rule);
  bool matches(const Watched& watched, const Labels& labels) const;
  std::vector<Interest> interests_in(const Labels& labels) const;
  const std::vector<Interest>& interests_in(SeriesId id, const LabelsOf& labels, AccountId account);
  bool make_instance(const Watched& watched, const Key& key, const Labels& labels);
  void take(const Watched& watched, const Key& key, std::vector<Arrival>& arrivals, Emitter& out);
  static void prune(const GaugeRule& what, Instance& instance, Time newest);
  static bool make_room(Instance& instance, Time at);
  static bool append(const GaugeRule& what, Instance& instance, const Arrival& arrival);
  std::optional<double> value_of(const GaugeRule& what, const Instance& instance) const;
  void evaluate(const Watched& watched, const Key& key, Instance& instance, Time at, double value,
                Emitter& out);
  void tell(const Watched& watched, Instance& instance, Time at, double value, Emitter& out);
  void resolve(const Key& key, Instance& instance, Time at, std::string value, std::string text,
               Emitter& out);
  void erase(const Key& key);
  const Watched* find_watched(const std::string& rule_id) const;

  std::vector<Watched> rules_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_metric_;
  std::vector<std::vector<Interest>> interests_{{}};  ///< the first is: none
  SeriesMap<std::uint32_t> interest_of_;              ///< index into interests_ + 1; 0 = not looked up yet
  std::map<Key, Instance> instances_;
  std::map<std::string, std::size_t> per_rule_;
  TimerQueue<Key> expiry_;
  std::set<Key> dirty_;
};

}  // namespace sentinella::rules
