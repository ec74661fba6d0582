#include "query/engine.h"

#include <algorithm>
#include <numeric>

#include "query/evaluator.h"

namespace sentinella::query {
namespace {

void sort_by_labels(Matrix& matrix) {
  std::vector<std::size_t> order(matrix.rows());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return matrix.labels[a] < matrix.labels[b]; });
  Matrix sorted{.steps = matrix.steps};
  sorted.labels.reserve(matrix.rows());
  sorted.cells.reserve(matrix.cells.size());
  for (const std::size_t row : order) {
    sorted.labels.push_back(std::move(matrix.labels[row]));
    const auto cells = matrix.row(row);
    sorted.cells.insert(sorted.cells.end(), cells.begin(), cells.end());
  }
  matrix = std::move(sorted);
}

RawSeries to_raw(Column column) {
  RawSeries raw{.labels = std::move(column.labels), .times_ms = {}, .values = std::move(column.values)};
  raw.times_ms.reserve(column.times.size());
  for (const Time t : column.times) raw.times_ms.push_back(ms_of(t));
  return raw;
}

}  // namespace

Result<Answer> evaluate_instant(const Source& source, const Expr& expr, std::int64_t at_ms,
                                const Limits& limits) {
  Budget budget(source, limits);
  Evaluator evaluator(source, budget, at_ms, at_ms);
  Answer answer{.type = type_of(expr), .steps = {at_ms, 1, 1}, .matrix = {}, .raw = {}, .text = {}};
  if (const auto* text = without_parens(expr).as<StringLiteral>()) {
    answer.text = text->value;
  } else if (answer.type == ValueType::matrix) {
    SENT_TRY_ASSIGN(auto columns, evaluator.range_columns(expr, answer.steps));
    for (Column& column : columns)
      if (!column.times.empty()) answer.raw.push_back(to_raw(std::move(column)));
  } else {
    SENT_TRY_ASSIGN(answer.matrix, evaluator.evaluate(expr, answer.steps));
  }
  return answer;
}

Result<Answer> evaluate_range(const Source& source, const Expr& expr, const Steps& steps,
                              const Limits& limits) {
  const auto type = type_of(expr);
  if (type != ValueType::scalar && type != ValueType::vector)
    return fail(Errc::kInvalid,
                "invalid expression type \"{}\" for range query, must be Scalar or instant Vector",
                describe(type));
  if (steps.count > limits.max_steps)
    return fail(Errc::kTooLarge, "the range has {} steps, at most {}", steps.count, limits.max_steps);
  Budget budget(source, limits);
  Evaluator evaluator(source, budget, steps.first_ms, steps.last());
  Answer answer{.type = type, .steps = steps, .matrix = {}, .raw = {}, .text = {}};
  SENT_TRY_ASSIGN(answer.matrix, evaluator.evaluate(expr, steps));
  sort_by_labels(answer.matrix);
  return answer;
}

}  // namespace sentinella::query
