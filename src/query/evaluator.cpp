#include "query/evaluator.h"

#include <algorithm>
#include <numbers>
#include <optional>

#include "query/aggregations.h"
#include "query/binary_operators.h"
#include "query/function_table.h"
#include "query/histogram_quantile.h"
#include "query/label_functions.h"
#include "query/selectors.h"
#include "query/value_functions.h"

namespace sentinella::query {
namespace {

Matrix constant(const Steps& steps, double value) {
  Matrix out{.steps = steps.count};
  std::ranges::fill(out.add_row({}), value);
  return out;
}

/// The result is the same at every step.
bool is_invariant(const Expr& expr) {
  if (const auto* vector = expr.as<VectorSelector>()) return vector->shift.fixed();
  if (const auto* matrix = expr.as<MatrixSelector>()) return matrix->vector.shift.fixed();
  if (const auto* sub = expr.as<Subquery>()) return sub->shift.fixed();
  if (const auto* call = expr.as<Call>(); call != nullptr && call->function->reads_time) return false;
  bool invariant = true;
  for_each_child(expr, [&](const Expr& child) { invariant = invariant && is_invariant(child); });
  return invariant;
}

Matrix repeat(const Matrix& once, std::size_t steps) {
  Matrix out{.steps = steps, .labels = once.labels, .unique_without_name = once.unique_without_name};
  out.cells.reserve(once.rows() * steps);
  for (const double cell : once.cells) out.cells.insert(out.cells.end(), steps, cell);
  return out;
}

std::string_view string_of(const Expr& expr) {
  return without_parens(expr).as<StringLiteral>()->value;
}

/// What absent() can say about the series that is missing: the labels that the selector gives one value.
Labels absent_labels(const Expr& argument) {
  const Expr& expr = without_parens(argument);
  const VectorSelector* selector = expr.as<VectorSelector>();
  if (const auto* matrix = expr.as<MatrixSelector>()) selector = &matrix->vector;
  Labels labels;
  if (selector == nullptr) return labels;
  std::vector<std::string_view> seen;
  for (const LabelMatcher& matcher : selector->matchers) {
    if (matcher.name == kMetricName) continue;
    const bool first = std::ranges::find(seen, matcher.name) == seen.end();
    if (matcher.op == LabelMatcher::Op::equal && first) {
      labels.set(matcher.name, matcher.value);
      seen.push_back(matcher.name);
    } else {
      labels.set(matcher.name, "");
    }
  }
  return labels;
}

/// 1 where no row has a sample.
Matrix absence(const Matrix& input, const Expr& argument) {
  Matrix out{.steps = input.steps};
  const auto cells = out.add_row(RowLabels(absent_labels(argument)));
  std::ranges::fill(cells, 1.0);
  for (std::size_t i = 0; i < input.rows(); ++i)
    for (std::size_t step = 0; step < input.steps; ++step)
      if (is_present(input.row(i)[step])) cells[step] = kAbsent;
  drop_empty_rows(out);
  return out;
}

/// Answers of the store as rows; its times are the ends of windows.
Matrix rows_of(std::vector<series::SeriesColumns> found, const Steps& ends) {
  Matrix out{.steps = ends.count};
  for (auto& series : found) {
    const auto row = out.add_row(RowLabels(std::move(series.labels)));
    for (std::size_t i = 0; i < series.times.size(); ++i) {
      const auto step = ends.count == 1 ? 0 : (ms_of(series.times[i]) - ends.first_ms) / ends.step_ms;
      row[static_cast<std::size_t>(step)] = series.values[i];
    }
  }
  return out;
}

std::optional<series::WindowFunction> store_function(std::string_view name) {
  using enum series::WindowFunction;
  if (name == "count_over_time") return count;
  if (name == "max_over_time") return max;
  if (name == "min_over_time") return min;
  if (name == "last_over_time") return last;
  return std::nullopt;
}

}  // namespace

Result<Matrix> Evaluator::evaluate(const Expr& expr, const Steps& steps) {
  SENT_TRY(budget_.check());
  if (const auto* number = expr.as<NumberLiteral>()) return constant(steps, number->value);
  if (const auto* paren = expr.as<Paren>()) return evaluate(*paren->inner, steps);
  if (steps.count > 1 && is_invariant(expr)) {
    SENT_TRY_ASSIGN(const Matrix once, evaluate_node(expr, Steps{steps.first_ms, steps.step_ms, 1}));
    SENT_TRY(budget_.take(once.rows() * steps.count));
    return repeat(once, steps.count);
  }
  return evaluate_node(expr, steps);
}

Result<Matrix> Evaluator::evaluate_node(const Expr& expr, const Steps& steps) {
  if (const auto* selector = expr.as<VectorSelector>())
    return read_instants(source_, *selector, reach(selector->shift, steps), Pick::value, budget_);
  if (const auto* unary = expr.as<Unary>()) return evaluate_unary(*unary, steps);
  if (const auto* binary = expr.as<Binary>()) return evaluate_binary(*binary, steps);
  if (const auto* aggregate = expr.as<Aggregate>()) return evaluate_aggregate(*aggregate, steps);
  if (const auto* call = expr.as<Call>()) return evaluate_call(*call, steps);
  return fail(Errc::kInternal, "a {} has no value at an instant", describe(type_of(expr)));
}

Result<Matrix> Evaluator::evaluate_unary(const Unary& node, const Steps& steps) {
  SENT_TRY_ASSIGN(Matrix out, evaluate(*node.inner, steps));
  if (!node.negative) return out;
  for (double& cell : out.cells)
    if (is_present(cell)) cell = -cell;
  SENT_TRY(drop_names(out, Turns::refuse));
  return out;
}

Result<Matrix> Evaluator::evaluate_binary(const Binary& node, const Steps& steps) {
  SENT_TRY_ASSIGN(Matrix left, evaluate(*node.left, steps));
  SENT_TRY_ASSIGN(Matrix right, evaluate(*node.right, steps));
  const bool left_scalar = type_of(*node.left) == ValueType::scalar;
  const bool right_scalar = type_of(*node.right) == ValueType::scalar;
  if (left_scalar || right_scalar)
    return operate_with_scalar(node, std::move(left), std::move(right), left_scalar, right_scalar);
  return operate_on_vectors(node, std::move(left), std::move(right), budget_);
}

Result<Matrix> Evaluator::evaluate_aggregate(const Aggregate& node, const Steps& steps) {
  SENT_TRY_ASSIGN(auto pushed, push_down_aggregate(node, steps));
  if (pushed) return *std::move(pushed);
  std::optional<Matrix> parameter;
  std::string_view text;
  if (node.op == Aggregation::count_values) {
    text = string_of(*node.parameter);
  } else if (node.parameter) {
    SENT_TRY_ASSIGN(parameter, evaluate(*node.parameter, steps));
  }
  SENT_TRY_ASSIGN(Matrix input, evaluate(*node.inner, steps));
  return aggregate(node, parameter ? &*parameter : nullptr, text, std::move(input), budget_);
}

Result<std::optional<Matrix>> Evaluator::push_down_aggregate(const Aggregate& node, const Steps& steps) {
  const auto* selector = without_parens(*node.inner).as<VectorSelector>();
  const bool foldable = node.op == Aggregation::sum || node.op == Aggregation::count ||
                        node.op == Aggregation::min || node.op == Aggregation::max ||
                        node.op == Aggregation::group;
  if (selector == nullptr || !foldable || steps.count != 1) return std::nullopt;
  const Time at = at_ms(reach(selector->shift, steps).first_ms);
  SENT_TRY_ASSIGN(const auto groups,
                  source_.store.fold_instants(
                      source_.account, {selector->all_matchers()}, at, source_.lookback + Duration(1),
                      {.without = node.without, .names = node.grouping}, budget_.store_limits()));
  Matrix out;
  for (const auto& group : groups) {
    const double value = node.op == Aggregation::sum     ? group.sum
                         : node.op == Aggregation::count ? static_cast<double>(group.count)
                         : node.op == Aggregation::min   ? group.min
                         : node.op == Aggregation::max   ? group.max
                                                         : 1;
    out.add_row(RowLabels(group.labels))[0] = value;
  }
  return out;
}

Result<Matrix> Evaluator::evaluate_call(const Call& node, const Steps& steps) {
  switch (node.function->family) {
    case FunctionFamily::per_value: {
      SENT_TRY_ASSIGN(Matrix out, evaluate(*node.arguments[0], steps));
      SENT_TRY(apply(find_value_function(node.function->name), out));
      return out;
    }
    case FunctionFamily::over_range:
      return evaluate_range_function(node, steps);
    case FunctionFamily::date:
      return evaluate_date(node, steps);
    case FunctionFamily::labels:
      return evaluate_labels(node, steps);
    case FunctionFamily::histogram: {
      // Native histograms become classic ones on their way in: their own functions find none.
      if (node.function->name != "histogram_quantile") return Matrix{.steps = steps.count};
      SENT_TRY_ASSIGN(const Matrix q, evaluate(*node.arguments[0], steps));
      SENT_TRY_ASSIGN(const Matrix buckets, evaluate(*node.arguments[1], steps));
      return histogram_quantile(q, buckets, budget_);
    }
    case FunctionFamily::other:
      break;
  }
  return evaluate_other(node, steps);
}

Result<Matrix> Evaluator::evaluate_range_function(const Call& node, const Steps& steps) {
  SENT_TRY_ASSIGN(auto pushed, push_down_windows(node, steps));
  if (pushed) return *std::move(pushed);
  std::vector<Matrix> parameters;
  const Expr* range = nullptr;
  for (const ExprPtr& argument : node.arguments) {
    if (type_of(*argument) == ValueType::matrix) {
      range = argument.get();
      continue;
    }
    SENT_TRY_ASSIGN(auto parameter, evaluate(*argument, steps));
    parameters.push_back(std::move(parameter));
  }
  const auto name = node.function->name;
  SENT_TRY(check_parameters(name, parameters));
  const auto plan = window_plan(*range, steps);
  SENT_TRY_ASSIGN(auto columns, range_columns(*range, steps));
  const auto* matrix = without_parens(*range).as<MatrixSelector>();
  const bool one_name = matrix != nullptr && !matrix->vector.name.empty();
  SENT_TRY_ASSIGN(Matrix out,
                  slide(find_range_function(name), std::move(columns), plan, parameters, budget_));
  out.unique_without_name = one_name;
  drop_empty_rows(out);
  if (name == "absent_over_time") return absence(out, *range);
  if (name == "last_over_time") {
    SENT_TRY(join_equal_rows(out, Turns::refuse));
  } else {
    SENT_TRY(drop_names(out, Turns::refuse));
  }
  return out;
}

Result<std::optional<Matrix>> Evaluator::push_down_windows(const Call& node, const Steps& steps) {
  const auto function = store_function(node.function->name);
  const auto* range = function ? without_parens(*node.arguments[0]).as<MatrixSelector>() : nullptr;
  if (range == nullptr) return std::nullopt;
  const auto plan = window_plan(*node.arguments[0], steps);
  // Windows that overlap much are cheaper to slide over samples decoded once.
  if (steps.count > 1 && plan.range_ms > 2 * plan.ends.step_ms) return std::nullopt;
  SENT_TRY(budget_.take(steps.count));
  const series::Windows windows{
      .first_end = at_ms(plan.ends.first_ms),
      .step = std::chrono::milliseconds(std::max<std::int64_t>(1, plan.ends.step_ms)),
      .count = plan.ends.count,
      // The store's windows are open at their start.
      .width = std::chrono::milliseconds(plan.range_ms) + Duration(1)};
  SENT_TRY_ASSIGN(auto found, source_.store.windows(source_.account, {range->vector.all_matchers()}, windows,
                                                    *function, budget_.store_limits()));
  SENT_TRY(budget_.take(found.size() * steps.count));
  Matrix out = rows_of(std::move(found), plan.ends);
  out.unique_without_name = !range->vector.name.empty();
  drop_empty_rows(out);
  if (node.function->name != "last_over_time") SENT_TRY(drop_names(out, Turns::refuse));
  return out;
}

Result<Matrix> Evaluator::evaluate_date(const Call& node, const Steps& steps) {
  Matrix out;
  if (node.arguments.empty()) {
    out = constant(steps, 0);
    for (std::size_t step = 0; step < steps.count; ++step) {
      const std::int64_t second = steps.at(step) / 1000;
      out.cells[step] = static_cast<double>(second);
    }
  } else {
    SENT_TRY_ASSIGN(out, evaluate(*node.arguments[0], steps));
  }
  SENT_TRY(apply(find_date_function(node.function->name), out));
  return out;
}

Result<Matrix> Evaluator::evaluate_labels(const Call& node, const Steps& steps) {
  SENT_TRY_ASSIGN(Matrix out, evaluate(*node.arguments[0], steps));
  std::vector<std::string> texts;
  for (std::size_t i = 1; i < node.arguments.size(); ++i) texts.emplace_back(string_of(*node.arguments[i]));
  if (node.function->name == "label_replace") {
    SENT_TRY(label_replace(out, texts[0], texts[1], texts[2], texts[3]));
  } else {
    SENT_TRY(label_join(out, texts[0], texts[1], {texts.begin() + 2, texts.end()}));
  }
  return out;
}

Result<Matrix> Evaluator::evaluate_other(const Call& node, const Steps& steps) {
  const auto name = node.function->name;
  if (name == "timestamp") return evaluate_timestamp(without_parens(*node.arguments[0]), steps);
  if (name == "pi") return constant(steps, std::numbers::pi);
  if (name == "time") {
    Matrix out = constant(steps, 0);
    for (std::size_t step = 0; step < steps.count; ++step)
      out.cells[step] = static_cast<double>(steps.at(step)) / 1000;
    return out;
  }
  std::vector<Matrix> arguments;
  for (const ExprPtr& argument : node.arguments) {
    SENT_TRY_ASSIGN(auto value, evaluate(*argument, steps));
    arguments.push_back(std::move(value));
  }
  Matrix& first = arguments[0];
  if (name == "absent") return absence(first, *node.arguments[0]);
  if (name == "scalar") return to_scalar(first);
  if (name == "clamp") {
    SENT_TRY(clamp(first, &arguments[1], &arguments[2]));
  } else if (name == "clamp_min") {
    SENT_TRY(clamp(first, &arguments[1], nullptr));
  } else if (name == "clamp_max") {
    SENT_TRY(clamp(first, nullptr, &arguments[1]));
  } else if (name == "round") {
    SENT_TRY(round(first, arguments.size() > 1 ? &arguments[1] : nullptr));
  } else if (name == "sort" || name == "sort_desc") {
    sort_rows(first, name == "sort_desc");
  } else if (name != "vector") {  // which has nothing to do: a scalar is a vector's row without labels
    return fail(Errc::kInternal, "the function {} is in the table but nowhere else", name);
  }
  return std::move(first);
}

Result<Matrix> Evaluator::evaluate_timestamp(const Expr& argument, const Steps& steps) {
  Matrix out;
  if (const auto* selector = argument.as<VectorSelector>()) {
    SENT_TRY_ASSIGN(
        out, read_instants(source_, *selector, reach(selector->shift, steps), Pick::timestamp, budget_));
  } else {
    SENT_TRY_ASSIGN(out, evaluate(argument, steps));
    for (std::size_t i = 0; i < out.rows(); ++i)
      for (std::size_t step = 0; step < out.steps; ++step)
        if (double& cell = out.row(i)[step]; is_present(cell))
          cell = static_cast<double>(steps.at(step)) / 1000;
  }
  SENT_TRY(drop_names(out));
  return out;
}

Steps Evaluator::reach(const TimeShift& shift, const Steps& steps) const {
  Steps reach = steps;
  if (shift.fixed()) {
    reach.first_ms = shift.at_ms                                ? *shift.at_ms
                     : shift.anchor == TimeShift::Anchor::start ? start_ms_
                                                                : end_ms_;
    reach.step_ms = 0;
  }
  reach.first_ms -= shift.offset_ms;
  return reach;
}

Steps Evaluator::subquery_steps(const Subquery& node, const Steps& steps) const {
  const Steps ends = reach(node.shift, steps);
  const std::int64_t step =
      node.step_ms != 0
          ? node.step_ms
          : std::chrono::duration_cast<std::chrono::milliseconds>(source_.subquery_step).count();
  // The first multiple of the step that is not before the first window.
  const std::int64_t begin = ends.first_ms - node.range_ms;
  std::int64_t first = begin / step * step;
  if (first < begin) first += step;
  const std::int64_t last = ends.last();
  if (last < first) return {first, step, 0};
  return {first, step, static_cast<std::size_t>((last - first) / step) + 1};
}

WindowPlan Evaluator::window_plan(const Expr& range, const Steps& steps) const {
  const Expr& expr = without_parens(range);
  if (const auto* sub = expr.as<Subquery>()) return {steps, reach(sub->shift, steps), sub->range_ms};
  const auto* matrix = expr.as<MatrixSelector>();
  return {steps, reach(matrix->vector.shift, steps), matrix->range_ms};
}

Result<std::vector<Column>> Evaluator::range_columns(const Expr& range, const Steps& steps) {
  const Expr& expr = without_parens(range);
  if (const auto* matrix = expr.as<MatrixSelector>())
    return read_columns(source_, matrix->vector, reach(matrix->vector.shift, steps), matrix->range_ms,
                        budget_);
  const auto* sub = expr.as<Subquery>();
  const Steps inner = subquery_steps(*sub, steps);
  if (inner.count == 0) return std::vector<Column>{};
  SENT_TRY(budget_.take(inner.count));
  SENT_TRY_ASSIGN(const Matrix matrix, evaluate(*sub->inner, inner));
  return to_columns(matrix, inner);
}

}  // namespace sentinella::query
