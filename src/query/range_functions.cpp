#include "query/range_functions.h"

#include <cmath>
#include <utility>

#include "query/parallel.h"
#include "query/statistics.h"

namespace sentinella::query {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// --- counters -------------------------------------------------------------------------------------

/// The change between first and last sample, stretched to the whole window unless the series seems to begin
/// or end inside it: then by half a sample's distance. A counter is never stretched below zero.
double extrapolated_change(const Window& w, bool counter, bool per_second) {
  const std::size_t count = w.values.size();
  if (count < 2) return kAbsent;
  double change = w.values.back() - w.values.front();
  if (counter)
    for (const std::size_t drop : w.drops) change += w.values[drop - 1];

  double to_start = seconds(w.times.front() - w.begin);
  const double to_end = seconds(w.end - w.times.back());
  const double sampled = seconds(w.times.back() - w.times.front());
  const double distance = sampled / static_cast<double>(count - 1);
  if (counter && change > 0 && w.values.front() >= 0)
    to_start = std::min(to_start, sampled * (w.values.front() / change));

  const double threshold = distance * 1.1;
  double stretched = sampled;
  stretched += to_start < threshold ? to_start : distance / 2;
  stretched += to_end < threshold ? to_end : distance / 2;
  double factor = stretched / sampled;
  if (per_second) {
    const auto range = (w.end - w.begin).count();
    const std::int64_t whole = range / 1'000'000'000;
    const std::int64_t rest = range % 1'000'000'000;
    factor /= static_cast<double>(whole) + static_cast<double>(rest) / 1e9;
  }
  return change * factor;
}

double rate(const Window& w) {
  return extrapolated_change(w, true, true);
}
double increase(const Window& w) {
  return extrapolated_change(w, true, false);
}
double delta(const Window& w) {
  return extrapolated_change(w, false, false);
}

double last_change(const Window& w, bool per_second) {
  const std::size_t count = w.values.size();
  if (count < 2) return kAbsent;
  const double last = w.values[count - 1];
  const double before = w.values[count - 2];
  const double change = per_second && last < before ? last : last - before;
  const auto span = w.times[count - 1] - w.times[count - 2];
  return per_second ? change / seconds(span) : change;
}

double irate(const Window& w) {
  return last_change(w, true);
}
double idelta(const Window& w) {
  return last_change(w, false);
}

double resets(const Window& w) {
  return static_cast<double>(w.drops.size());
}

double changes(const Window& w) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < w.values.size(); ++i) {
    const double a = w.values[i - 1];
    const double b = w.values[i];
    count += a != b && !(std::isnan(a) && std::isnan(b)) ? 1u : 0u;
  }
  return static_cast<double>(count);
}

// --- summaries ------------------------------------------------------------------------------------

double count_over_time(const Window& w) {
  return static_cast<double>(w.values.size());
}
double last_over_time(const Window& w) {
  return w.values.back();
}
double present_over_time(const Window&) {
  return 1;
}

double sum_over_time(const Window& w) {
  CompensatedSum sum;
  for (const double value : w.values) sum.add(value);
  return std::isinf(sum.sum) ? sum.sum : sum.total();
}

double avg_over_time(const Window& w) {
  CompensatedSum sum;
  for (const double value : w.values) sum.add(value);
  if (const double total = sum.total(); std::isfinite(total))
    return total / static_cast<double>(w.values.size());
  // The sum may be too large where the mean is not.
  CompensatedSum mean;
  double count = 0;
  for (const double value : w.values) {
    ++count;
    if (!mean_ignores(mean.sum, value)) mean.add(value / count - mean.sum / count);
  }
  return std::isinf(mean.sum) ? mean.sum : mean.total();
}

double max_over_time(const Window& w) {
  double most = w.values.front();
  for (const double value : w.values)
    if (value > most || std::isnan(most)) most = value;
  return most;
}

double min_over_time(const Window& w) {
  double least = w.values.front();
  for (const double value : w.values)
    if (value < least || std::isnan(least)) least = value;
  return least;
}

double stdvar_over_time(const Window& w) {
  CompensatedSum mean;
  CompensatedSum squares;
  double count = 0;
  for (const double value : w.values) {
    ++count;
    const double distance = value - mean.total();
    mean.add(distance / count);
    squares.add(distance * (value - mean.total()));
  }
  return squares.total() / count;
}
double stddev_over_time(const Window& w) {
  return std::sqrt(stdvar_over_time(w));
}

double quantile_over_time(const Window& w) {
  w.scratch.assign(w.values.begin(), w.values.end());
  return quantile_of(w.parameters[0], w.scratch);
}

// --- trends ---------------------------------------------------------------------------------------

struct Line {
  double slope = 0;
  double intercept = 0;
};

/// Least squares; x is seconds since `origin`.
Line fit_line(const Window& w, Time origin) {
  CompensatedSum sum_x, sum_y, sum_xy, sum_xx;
  const double first = w.values.front();
  bool constant = true;
  for (std::size_t i = 0; i < w.values.size(); ++i) {
    const double y = w.values[i];
    constant = constant && (i == 0 || y == first);
    const double x = seconds_between(origin, w.times[i]);
    sum_x.add(x);
    sum_y.add(y);
    sum_xy.add(x * y);
    sum_xx.add(x * x);
  }
  if (constant) return std::isinf(first) ? Line{kNaN, kNaN} : Line{0, first};
  const auto n = static_cast<double>(w.values.size());
  const double x = sum_x.total();
  const double y = sum_y.total();
  const double covariance = sum_xy.total() - x * y / n;
  const double variance = sum_xx.total() - x * x / n;
  const double slope = covariance / variance;
  return {slope, y / n - slope * x / n};
}

double deriv(const Window& w) {
  return w.values.size() < 2 ? kAbsent : fit_line(w, w.times.front()).slope;
}

double predict_linear(const Window& w) {
  if (w.values.size() < 2) return kAbsent;
  const Line line = fit_line(w, w.now);
  return line.slope * w.parameters[0] + line.intercept;
}

/// Double exponential smoothing (C. C. Holt, 1957).
double holt_winters(const Window& w) {
  if (w.values.size() < 2) return kAbsent;
  const auto [smoothing, trend_factor] = w.parameters;
  double before = 0;
  double smoothed = w.values[0];
  double trend = w.values[1] - w.values[0];
  for (std::size_t i = 1; i < w.values.size(); ++i) {
    if (i > 1) trend = trend_factor * (smoothed - before) + (1 - trend_factor) * trend;
    const double next = smoothing * w.values[i] + (1 - smoothing) * (smoothed + trend);
    before = std::exchange(smoothed, next);
  }
  return smoothed;
}

struct Named {
  std::string_view name;
  RangeFunction function;
};
constexpr Named kFunctions[] = {
    {"absent_over_time", present_over_time},
    {"avg_over_time", avg_over_time},
    {"changes", changes},
    {"count_over_time", count_over_time},
    {"delta", delta},
    {"deriv", deriv},
    {"holt_winters", holt_winters},
    {"idelta", idelta},
    {"increase", increase},
    {"irate", irate},
    {"last_over_time", last_over_time},
    {"max_over_time", max_over_time},
    {"min_over_time", min_over_time},
    {"predict_linear", predict_linear},
    {"present_over_time", present_over_time},
    {"quantile_over_time", quantile_over_time},
    {"rate", rate},
    {"resets", resets},
    {"stddev_over_time", stddev_over_time},
    {"stdvar_over_time", stdvar_over_time},
    {"sum_over_time", sum_over_time},
};

bool needs_drops(RangeFunction function) {
  return function == rate || function == increase || function == resets;
}

/// What one thread keeps from column to column.
struct Scratch {
  std::vector<double> values;
  std::vector<std::size_t> drops;         ///< of the whole column
  std::vector<std::size_t> window_drops;  ///< counted from the window's first sample
};

/// How many samples may be looked at before somebody asks whether the answer is still wanted.
constexpr std::size_t kSamplesBetweenChecks = 1u << 22;

Result<void> slide_column(RangeFunction function, const Column& column, const WindowPlan& plan,
                          std::span<const Matrix> parameters, Scratch& scratch, const Budget& budget,
                          std::span<double> out) {
  const std::span<const Time> times = column.times;
  const std::span<const double> values = column.values;
  scratch.drops.clear();
  if (needs_drops(function))
    for (std::size_t i = 1; i < values.size(); ++i)
      if (values[i] < values[i - 1]) scratch.drops.push_back(i);

  std::size_t low = 0;
  std::size_t high = 0;
  std::size_t drop = 0;
  std::size_t looked_at = values.size();
  for (std::size_t step = 0; step < out.size(); ++step) {
    const Time end = at_ms(plan.ends.at(step));
    const Time begin = at_ms(plan.ends.at(step) - plan.range_ms);
    high = first_after(times, high, end);
    low = first_after(times, low, begin - Duration(1));
    if (low >= high) continue;
    looked_at += high - low;
    if (looked_at > kSamplesBetweenChecks) {
      SENT_TRY(budget.check());
      looked_at = 0;
    }
    while (drop < scratch.drops.size() && scratch.drops[drop] <= low) ++drop;
    scratch.window_drops.clear();
    for (std::size_t i = drop; i < scratch.drops.size() && scratch.drops[i] < high; ++i)
      scratch.window_drops.push_back(scratch.drops[i] - low);
    Window window{.times = times.subspan(low, high - low),
                  .values = values.subspan(low, high - low),
                  .begin = begin,
                  .end = end,
                  .now = at_ms(plan.steps.at(step)),
                  .parameters = {},
                  .drops = scratch.window_drops,
                  .scratch = scratch.values};
    for (std::size_t i = 0; i < parameters.size(); ++i) window.parameters[i] = parameters[i].cells[step];
    out[step] = function(window);
  }
  return {};
}

}  // namespace

RangeFunction find_range_function(std::string_view name) {
  for (const Named& entry : kFunctions)
    if (entry.name == name) return entry.function;
  return nullptr;
}

Result<void> check_parameters(std::string_view function, std::span<const Matrix> parameters) {
  if (function != "holt_winters") return {};
  constexpr std::array<std::string_view, 2> kNames{"smoothing", "trend"};
  for (std::size_t i = 0; i < parameters.size(); ++i)
    for (const double value : parameters[i].cells)
      if (value <= 0 || value >= 1)
        return fail(Errc::kInvalid, "invalid {0} factor. Expected: 0 < {1}f < 1, got: {2:f}", kNames[i],
                    kNames[i][0], value);
  return {};
}

Result<Matrix> slide(RangeFunction function, std::vector<Column> columns, const WindowPlan& plan,
                     std::span<const Matrix> parameters, Budget& budget) {
  Matrix out{.steps = plan.steps.count};
  SENT_TRY(budget.take(columns.size() * out.steps));
  out.cells.assign(columns.size() * out.steps, kAbsent);
  std::size_t samples = 0;
  for (Column& column : columns) {
    samples += column.values.size();
    out.labels.push_back(std::move(column.labels));
  }
  // A window's samples are looked at again at every step that it reaches.
  const auto overlap =
      static_cast<std::size_t>(plan.ends.step_ms > 0 ? 1 + plan.range_ms / plan.ends.step_ms : 1);
  const std::size_t work = samples * std::min(overlap, out.steps) + out.cells.size() * 20;
  auto done = for_rows(columns.size(), work, [&](std::size_t begin, std::size_t end) -> Result<void> {
    Scratch scratch;
    for (std::size_t i = begin; i < end; ++i) {
      SENT_TRY(budget.check());
      SENT_TRY(slide_column(function, columns[i], plan, parameters, scratch, budget, out.row(i)));
    }
    return {};
  });
  SENT_TRY(std::move(done));
  return out;
}

}  // namespace sentinella::query
