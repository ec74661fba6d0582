// sum, topk and the other aggregation operators, for all steps at once.
#pragma once

#include "query/budget.h"
#include "query/matrix.h"

namespace sentinella::query {

/// `parameter`: of topk, bottomk and quantile, a scalar; else null. `text`: of count_values.
/// kInvalid: a k that is no whole number of 64 bits, a bad label name for count_values.
Result<Matrix> aggregate(const Aggregate& node, const Matrix* parameter, std::string_view text, Matrix input,
                         Budget& budget);

}  // namespace sentinella::query
