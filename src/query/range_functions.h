// rate(), *_over_time() and their like: a number for every window of a series' samples.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "query/budget.h"
#include "query/column.h"

namespace sentinella::query {

/// One window on its way through a range function. Never empty.
struct Window {
  std::span<const Time> times;
  std::span<const double> values;
  Time begin;  ///< the window is [begin, end]
  Time end;
  Time now;                            ///< the step; differs from `end` under offset and @
  std::array<double, 2> parameters;    ///< the function's scalar arguments at this step
  std::span<const std::size_t> drops;  ///< places of `values` that are less than the one before
  std::vector<double>& scratch;
};
/// kAbsent: no result.
using RangeFunction = double (*)(const Window&);

/// Where the windows of a query lie.
struct WindowPlan {
  Steps steps;  ///< of the query
  Steps ends;   ///< last instants of the windows, step by step
  std::int64_t range_ms = 0;
};

/// Null for a name that is no range function.
RangeFunction find_range_function(std::string_view name);

/// One row per column, in order, absent where a window is empty. `parameters`: a scalar each, at most two.
Result<Matrix> slide(RangeFunction function, std::vector<Column> columns, const WindowPlan& plan,
                     std::span<const Matrix> parameters, Budget& budget);

/// kInvalid: parameters out of their bounds, checked for every step (holt_winters).
Result<void> check_parameters(std::string_view function, std::span<const Matrix> parameters);

}  // namespace sentinella::query
