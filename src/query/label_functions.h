// label_replace and label_join.
#pragma once

#include <string>
#include <vector>

#include "query/matrix.h"

namespace sentinella::query {

/// Where `regex` (RE2, anchored) matches the value of `source`, `target` becomes `replacement` with $1,
/// ${name} resolved. kInvalid: a bad regex or label name, series that become equal.
Result<void> label_replace(Matrix& vector, const std::string& target, const std::string& replacement,
                           const std::string& source, const std::string& regex);

/// `target` becomes the values of `sources` with `separator` between them.
Result<void> label_join(Matrix& vector, const std::string& target, const std::string& separator,
                        const std::vector<std::string>& sources);

}  // namespace sentinella::query
