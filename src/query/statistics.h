// Arithmetic that must agree with Prometheus to the last bit, or nearly.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace sentinella::query {

/// Kahan's sum with Neumaier's improvement (Neumaier, ZAMM 54, 1974): the lost low digits are added up apart.
struct CompensatedSum {
  double sum = 0;
  double lost = 0;

  void add(double value) {
    const double next = sum + value;
    lost += std::abs(sum) >= std::abs(value) ? (sum - next) + value : (value - next) + sum;
    sum = next;
  }
  double total() const { return sum + lost; }
};

/// An infinite mean stays as it is unless the other infinity or a NaN comes.
inline bool mean_ignores(double mean, double value) {
  if (!std::isinf(mean)) return false;
  return std::isinf(value) ? (mean > 0) == (value > 0) : !std::isnan(value);
}

/// NaN sorts before everything.
inline bool value_less(double a, double b) {
  return std::isnan(a) ? !std::isnan(b) : a < b;
}

/// Linear between the two nearest values; sorts `values`. NaN for none, infinities for q out of [0, 1].
inline double quantile_of(double q, std::vector<double>& values) {
  if (values.empty() || std::isnan(q)) return std::numeric_limits<double>::quiet_NaN();
  if (q < 0) return -std::numeric_limits<double>::infinity();
  if (q > 1) return std::numeric_limits<double>::infinity();
  std::ranges::sort(values, value_less);
  const double rank = q * static_cast<double>(values.size() - 1);
  const auto lower = static_cast<std::size_t>(std::floor(rank));
  const auto upper = std::min(values.size() - 1, lower + 1);
  const double weight = rank - std::floor(rank);
  return values[lower] * (1 - weight) + values[upper] * weight;
}

}  // namespace sentinella::query
