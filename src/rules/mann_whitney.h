// Whether two sets of numbers come from one distribution (H. B. Mann and D. R. Whitney, 1947): by ranks, so
// that a few very long episodes do not decide it.
#pragma once

#include <vector>

namespace sentinella::rules {

/// The two-sided p-value, by the normal approximation with ties; from about eight numbers on. 1 when one set
/// is empty or all numbers are equal.
double mann_whitney_p(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace sentinella::rules
