// Operators between scalars and vectors, for all steps at once.
#pragma once

#include "query/budget.h"
#include "query/matrix.h"

namespace sentinella::query {

/// Of two scalars, a scalar (comparisons give 1 or 0); of a vector and a scalar, on either side, a vector.
Result<Matrix> operate_with_scalar(const Binary& node, Matrix left, Matrix right, bool left_is_scalar,
                                   bool right_is_scalar);

/// Of two vectors. kInvalid: series that match several on the other side where the matching allows one.
Result<Matrix> operate_on_vectors(const Binary& node, Matrix left, Matrix right, Budget& budget);

}  // namespace sentinella::query
