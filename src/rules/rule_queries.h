// PromQL for rules: evaluated outside the engine, at instants that are whole multiples of a rule's interval,
// and put into the journal as samples (rules/rule_series.h), because only what is in the journal can be
// replayed. Rules of a Prometheus group are evaluated in their order at one instant; what a recording rule
// gives can be read by the next.
//
// An instant that was missed (we did not run, a query took too long) is left out, not made up for.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "model/account.h"
#include "model/batch.h"
#include "query/engine.h"
#include "rules/rule.h"
#include "series/series_store.h"

namespace sentinella::rules {

/// One element of a rule's result, without names.
struct RuleElement {
  Labels labels;
  double value = 0;
};
/// The expression at an instant, in ms. kInvalid, kTooLarge, kUnavailable as the query engine has them.
Result<std::vector<RuleElement>> evaluate_rule(const query::Source& source, const query::Expr& expr,
                                               std::int64_t at_ms, const query::Limits& limits);

/// What is usual for each element, from the same hour of the weeks before.
struct Band {
  Labels labels;
  double value = 0, usual = 0, spread = 0;
  double deviation() const { return (value - usual) / spread; }
};
Result<std::vector<Band>> evaluate_season(const query::Source& source, const query::Expr& expr,
                                          const GaugeRule::Season& season, std::int64_t at_ms,
                                          const query::Limits& limits);

/// The samples that tell the engine what a rule's evaluation gave.
void add_result(const Rule& rule, const std::vector<RuleElement>& elements, Time at, Batch& batch);
void add_band(const Rule& rule, const std::vector<Band>& bands, Time at, Batch& batch);
void add_failure(const Rule& rule, Time at, Batch& batch);

/// Thread-safe; run() by one thread.
class RuleQueries {
 public:
  RuleQueries(const series::SeriesStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  void set_rules(AccountId account, const std::vector<Rule>& rules);

  /// Takes a result; returns when it can be read from the store.
  using Submit = std::function<Result<void>(Batch)>;
  /// Evaluates what is due. Returns when the next is, by the rules there are now; an hour from now at the
  /// latest.
  Time run(Time now, const Submit& submit);

  struct Status {
    Time evaluated;  ///< zero = not yet
    Duration took{};
    std::string error;  ///< "" = it worked
  };
  Status status(AccountId account, const std::string& rule_id) const;

 private:
  struct Query {
    Rule rule;
    query::ExprPtr expr;
    std::set<std::string> recorded;  ///< canonical labels of a recording rule's last result
  };
  struct Group {
    AccountId account{};
    Duration interval{}, delay{};
    Time next;  ///< instant to evaluate at; zero = not known yet
    std::vector<Query> queries;
  };
  /// None of the metrics that the rule waits for has come yet.
  bool inert(AccountId account, const Rule& rule, Time now);
  void evaluate(const Group& group, Query& query, Time at, const Submit& submit);
  Result<void> fill(const Group& group, Query& query, Time at, Batch& batch) const;
  static void record(Query& query, const RecordingRule& recording, const std::vector<RuleElement>& elements,
                     Time at, Batch& batch);

  const series::SeriesStore& store_;
  const Clock& clock_;
  struct Names {
    Time read;
    std::set<std::string> metrics;
  };
  std::map<AccountId, Names> names_;  ///< of run() alone
  mutable Mutex mutex_;
  /// By account, then group name or rule id; shared so that an edit need not wait for a running query.
  std::map<AccountId, std::map<std::string, std::shared_ptr<Group>>> groups_ SENT_GUARDED_BY(mutex_);
  std::map<std::pair<AccountId, std::string>, Status> status_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::rules
