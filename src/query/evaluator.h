// The walk over a tree: every node becomes a Matrix for all steps at once.
#pragma once

#include "query/budget.h"
#include "query/column.h"
#include "query/range_functions.h"

namespace sentinella::query {

class Evaluator {
 public:
  /// `start_ms`, `end_ms`: what start() and end() stand for. All arguments must outlive the evaluator.
  Evaluator(const Source& source, Budget& budget, std::int64_t start_ms, std::int64_t end_ms)
      : source_(source), budget_(budget), start_ms_(start_ms), end_ms_(end_ms) {}

  /// Of a scalar or an instant vector.
  Result<Matrix> evaluate(const Expr& expr, const Steps& steps);
  /// Of a range vector: the samples that its windows at `steps` need.
  Result<std::vector<Column>> range_columns(const Expr& expr, const Steps& steps);

 private:
  Result<Matrix> evaluate_node(const Expr& expr, const Steps& steps);
  Result<Matrix> evaluate_unary(const Unary& node, const Steps& steps);
  Result<Matrix> evaluate_binary(const Binary& node, const Steps& steps);
  Result<Matrix> evaluate_aggregate(const Aggregate& node, const Steps& steps);
  Result<Matrix> evaluate_call(const Call& node, const Steps& steps);
  Result<Matrix> evaluate_range_function(const Call& node, const Steps& steps);
  Result<Matrix> evaluate_date(const Call& node, const Steps& steps);
  Result<Matrix> evaluate_labels(const Call& node, const Steps& steps);
  Result<Matrix> evaluate_other(const Call& node, const Steps& steps);
  Result<Matrix> evaluate_timestamp(const Expr& argument, const Steps& steps);

  /// What the store can fold or summarise itself; nullopt when it cannot.
  Result<std::optional<Matrix>> push_down_aggregate(const Aggregate& node, const Steps& steps);
  Result<std::optional<Matrix>> push_down_windows(const Call& node, const Steps& steps);

  /// Where a selector or subquery looks at each step.
  Steps reach(const TimeShift& shift, const Steps& steps) const;
  Steps subquery_steps(const Subquery& node, const Steps& steps) const;
  WindowPlan window_plan(const Expr& range, const Steps& steps) const;

  const Source& source_;
  Budget& budget_;
  std::int64_t start_ms_;
  std::int64_t end_ms_;
};

}  // namespace sentinella::query
