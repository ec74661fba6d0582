#include "query/selectors.h"

#include <cmath>

#include "query/parallel.h"

namespace sentinella::query {
namespace {

constexpr Duration kTick{1};

double as_seconds(Time t) {
  return static_cast<double>(ms_of(t)) / 1000;
}

/// True when all that match have the same name: then no two are equal without it.
bool names_one_metric(const std::vector<LabelMatcher>& matchers) {
  return std::ranges::any_of(matchers, [](const LabelMatcher& matcher) {
    return matcher.name == kMetricName && matcher.op == LabelMatcher::Op::equal && !matcher.value.empty();
  });
}

void pick_samples(const series::SeriesColumns& column, const Steps& reach, Duration lookback, Pick pick,
                  std::span<double> out) {
  std::size_t next = 0;
  for (std::size_t step = 0; step < out.size(); ++step) {
    const Time at = at_ms(reach.at(step));
    next = first_after(column.times, next, at);
    if (next == 0) continue;
    const Time sampled = column.times[next - 1];
    const double value = column.values[next - 1];
    if (sampled < at - lookback || is_absent(value)) continue;
    out[step] = pick == Pick::value ? value : as_seconds(sampled);
  }
}

Result<Matrix> read_one_instant(const Source& source, const std::vector<LabelMatcher>& matchers, Time at,
                                Pick pick, Budget& budget) {
  // The store's lookback is open at its start.
  SENT_TRY_ASSIGN(auto found, source.store.instants(source.account, {matchers}, at, source.lookback + kTick,
                                                    budget.store_limits()));
  SENT_TRY(budget.take(found.size()));
  Matrix out{.unique_without_name = names_one_metric(matchers)};
  out.labels.reserve(found.size());
  out.cells.reserve(found.size());
  for (auto& sample : found) {
    out.labels.emplace_back(std::move(sample.labels));
    out.cells.push_back(pick == Pick::value ? sample.value : as_seconds(sample.at));
  }
  return out;
}

}  // namespace

Result<Matrix> read_instants(const Source& source, const VectorSelector& selector, const Steps& reach,
                             Pick pick, Budget& budget) {
  const auto matchers = selector.all_matchers();
  if (reach.count == 1) return read_one_instant(source, matchers, at_ms(reach.first_ms), pick, budget);
  const TimeRange range{at_ms(reach.first_ms) - source.lookback, at_ms(reach.last()) + kTick};
  SENT_TRY_ASSIGN(auto found, source.store.select(source.account, {matchers}, range, budget.store_limits()));
  Matrix out{.steps = reach.count, .unique_without_name = names_one_metric(matchers)};
  std::size_t samples = found.size() * reach.count;
  for (const auto& column : found) samples += column.values.size();
  SENT_TRY(budget.take(samples));
  out.cells.assign(found.size() * reach.count, kAbsent);
  for (auto& column : found) out.labels.emplace_back(std::move(column.labels));
  auto done = for_rows(found.size(), samples * 4, [&](std::size_t begin, std::size_t end) -> Result<void> {
    SENT_TRY(budget.check());
    for (std::size_t i = begin; i < end; ++i)
      pick_samples(found[i], reach, source.lookback, pick, out.row(i));
    return {};
  });
  SENT_TRY(std::move(done));
  drop_empty_rows(out);
  return out;
}

Result<std::vector<Column>> read_columns(const Source& source, const VectorSelector& selector,
                                         const Steps& reach, std::int64_t range_ms, Budget& budget) {
  const TimeRange range{at_ms(reach.first_ms - range_ms), at_ms(reach.last()) + kTick};
  SENT_TRY_ASSIGN(auto found, source.store.select(source.account, {selector.all_matchers()}, range,
                                                  budget.store_limits()));
  std::vector<Column> columns;
  columns.reserve(found.size());
  for (auto& series : found) {
    SENT_TRY(budget.take(series.values.size()));
    if (std::ranges::any_of(series.values, is_absent)) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < series.values.size(); ++i) {
        if (is_absent(series.values[i])) continue;
        series.times[kept] = series.times[i];
        series.values[kept++] = series.values[i];
      }
      series.times.resize(kept);
      series.values.resize(kept);
    }
    if (series.times.empty()) continue;
    columns.push_back(
        {RowLabels(std::move(series.labels)), std::move(series.times), std::move(series.values)});
  }
  return columns;
}

std::vector<Column> to_columns(const Matrix& matrix, const Steps& steps) {
  std::vector<Column> columns;
  columns.reserve(matrix.rows());
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    Column& column = columns.emplace_back(Column{.labels = matrix.labels[i], .times = {}, .values = {}});
    const auto row = matrix.row(i);
    for (std::size_t step = 0; step < row.size(); ++step) {
      if (is_absent(row[step])) continue;
      column.times.push_back(at_ms(steps.at(step)));
      column.values.push_back(row[step]);
    }
  }
  return columns;
}

}  // namespace sentinella::query
