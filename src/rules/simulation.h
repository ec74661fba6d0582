// An engine run over recorded input, with the server's ticks between: what tests of rules and backtests are
// made of.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/batch.h"
#include "rules/rule_engine.h"

namespace sentinella::rules {

struct Transition {
  Time at;  ///< when the server would have said so
  Signal signal;
};

/// Not thread-safe.
class Simulation {
 public:
  static constexpr AccountId kAccount{1};

  Simulation(std::vector<Rule> rules, Time start);

  /// For those who fill `batch.samples` themselves.
  SeriesId series_id(const Labels& labels);
  /// Lets the time pass, then takes the batch; its samples may be in `series`.
  void take(Time at, Batch batch);
  void pass(Time until);
  Time now() const { return now_; }

  /// What was said, repeats left out, oldest first.
  const std::vector<Transition>& transitions() const { return transitions_; }
  std::vector<RuleInstance> instances(const std::string& rule_id) const {
    return engine_->instances(kAccount, rule_id);
  }

 private:
  using Names = std::vector<std::shared_ptr<const Labels>>;
  void resolve(Batch& batch);
  void consume(const Batch& batch);

  std::shared_ptr<Names> names_ = std::make_shared<Names>();
  std::map<std::string, SeriesId> ids_;  ///< by canonical labels
  std::unique_ptr<RuleEngine> engine_;
  Time now_;
  std::uint64_t offset_ = 0;
  std::vector<Transition> transitions_;
};

/// From its first firing to its end, of one resource and event.
struct Episode {
  std::string event, resource, host;
  AlertSeverity worst = AlertSeverity::informational;
  Tier tier = Tier::info;  ///< the most urgent
  Time begin, end;         ///< end: zero = it still lasts
};
std::vector<Episode> episodes_of(const std::vector<Transition>& transitions);

}  // namespace sentinella::rules
