// Functions of the values of an instant vector, and those that only re-arrange it.
#pragma once

#include <string_view>

#include "query/matrix.h"

namespace sentinella::query {

using ValueFunction = double (*)(double);
/// abs, ceil, sin ...; null for a name that is none of them.
ValueFunction find_value_function(std::string_view name);
/// year, hour, days_in_month ... of seconds since the epoch, UTC; NaN for what is no time.
ValueFunction find_date_function(std::string_view name);

/// Replaces every value and drops the names. kInvalid: two series become one.
Result<void> apply(ValueFunction function, Matrix& vector);
/// clamp, clamp_min, clamp_max; a bound that is null does not hold.
Result<void> clamp(Matrix& vector, const Matrix* least, const Matrix* most);
/// round; `nearest` null: to whole numbers.
Result<void> round(Matrix& vector, const Matrix* nearest);
/// Orders rows by value; only an instant has an order.
void sort_rows(Matrix& vector, bool descending);
/// The value of the only series, NaN where there is not exactly one.
Matrix to_scalar(const Matrix& vector);

}  // namespace sentinella::query
