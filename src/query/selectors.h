// Reading what selectors ask for.
#pragma once

#include "query/budget.h"
#include "query/column.h"

namespace sentinella::query {

enum class Pick : std::uint8_t { value, timestamp };

/// For every step the newest sample in [reach - lookback, reach], unless it is a staleness marker. `reach` is
/// where the selector looks at each step. Pick::timestamp: that sample's time in seconds instead.
Result<Matrix> read_instants(const Source& source, const VectorSelector& selector, const Steps& reach,
                             Pick pick, Budget& budget);

/// All samples in [first reach - range, last reach] but staleness markers; series without any are left out.
Result<std::vector<Column>> read_columns(const Source& source, const VectorSelector& selector,
                                         const Steps& reach, std::int64_t range_ms, Budget& budget);

/// A subquery's cells as the samples that a range function slides over.
std::vector<Column> to_columns(const Matrix& matrix, const Steps& steps);

}  // namespace sentinella::query
