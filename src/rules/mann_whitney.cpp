#include "rules/mann_whitney.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sentinella::rules {

double mann_whitney_p(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<std::pair<double, bool>> all;  // value, of a
  for (const double value : a) all.emplace_back(value, true);
  for (const double value : b) all.emplace_back(value, false);
  std::ranges::sort(all);
  const auto n1 = static_cast<double>(a.size()), n2 = static_cast<double>(b.size()), n = n1 + n2;
  double ranks_of_a = 0, ties = 0;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i, of_a = 0;
    for (; end < all.size() && all[end].first == all[i].first; ++end) of_a += all[end].second;
    const auto tied = static_cast<double>(end - i);
    const double rank = static_cast<double>(i) + (tied + 1) / 2;
    ranks_of_a += rank * static_cast<double>(of_a);
    ties += tied * tied * tied - tied;
    i = end;
  }
  const double variance = n < 2 ? 0 : n1 * n2 / 12 * (n + 1 - ties / (n * (n - 1)));
  if (variance <= 0) return 1;
  const double u = ranks_of_a - n1 * (n1 + 1) / 2;
  const double z = std::max(std::abs(u - n1 * n2 / 2) - 0.5, 0.0) / std::sqrt(variance);
  return std::erfc(z / std::sqrt(2.0));
}

}  // namespace sentinella::rules
