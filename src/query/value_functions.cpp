#include "query/value_functions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace sentinella::query {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double sign(double value) {
  return value < 0 ? -1 : value > 0 ? 1 : value;
}
double to_radians(double value) {
  return value * std::numbers::pi / 180;
}
double to_degrees(double value) {
  return value * 180 / std::numbers::pi;
}

struct Named {
  std::string_view name;
  ValueFunction function;
};
constexpr Named kFunctions[] = {
    {"abs", [](double v) { return std::fabs(v); }},
    {"acos", [](double v) { return std::acos(v); }},
    {"acosh", [](double v) { return std::acosh(v); }},
    {"asin", [](double v) { return std::asin(v); }},
    {"asinh", [](double v) { return std::asinh(v); }},
    {"atan", [](double v) { return std::atan(v); }},
    {"atanh", [](double v) { return std::atanh(v); }},
    {"ceil", [](double v) { return std::ceil(v); }},
    {"cos", [](double v) { return std::cos(v); }},
    {"cosh", [](double v) { return std::cosh(v); }},
    {"deg", to_degrees},
    {"exp", [](double v) { return std::exp(v); }},
    {"floor", [](double v) { return std::floor(v); }},
    {"ln", [](double v) { return std::log(v); }},
    {"log10", [](double v) { return std::log10(v); }},
    {"log2", [](double v) { return std::log2(v); }},
    {"rad", to_radians},
    {"sgn", sign},
    {"sin", [](double v) { return std::sin(v); }},
    {"sinh", [](double v) { return std::sinh(v); }},
    {"sqrt", [](double v) { return std::sqrt(v); }},
    {"tan", [](double v) { return std::tan(v); }},
    {"tanh", [](double v) { return std::tanh(v); }},
};

/// NaN wins over everything but the infinity that the choice is about.
double lesser(double a, double b) {
  if (a == -kInfinity || b == -kInfinity) return -kInfinity;
  if (std::isnan(a) || std::isnan(b)) return kNaN;
  return std::min(a, b);
}
double greater(double a, double b) {
  if (a == kInfinity || b == kInfinity) return kInfinity;
  if (std::isnan(a) || std::isnan(b)) return kNaN;
  return std::max(a, b);
}

template <typename Function>
void map_cells(Matrix& vector, Function&& function) {
  for (std::size_t i = 0; i < vector.rows(); ++i) {
    const auto row = vector.row(i);
    for (std::size_t step = 0; step < row.size(); ++step)
      if (is_present(row[step])) row[step] = function(row[step], step);
  }
}

}  // namespace

ValueFunction find_value_function(std::string_view name) {
  for (const Named& entry : kFunctions)
    if (entry.name == name) return entry.function;
  return nullptr;
}

Result<void> apply(ValueFunction function, Matrix& vector) {
  map_cells(vector, [&](double value, std::size_t) { return function(value); });
  return drop_names(vector);
}

Result<void> clamp(Matrix& vector, const Matrix* least, const Matrix* most) {
  map_cells(vector, [&](double value, std::size_t step) {
    if (least != nullptr && most != nullptr && most->cells[step] < least->cells[step]) return kAbsent;
    if (most != nullptr) value = lesser(most->cells[step], value);
    if (least != nullptr) value = greater(least->cells[step], value);
    return value;
  });
  drop_empty_rows(vector);
  return drop_names(vector);
}

Result<void> round(Matrix& vector, const Matrix* nearest) {
  map_cells(vector, [&](double value, std::size_t step) {
    const double inverse = 1.0 / (nearest == nullptr ? 1.0 : nearest->cells[step]);
    return std::floor(value * inverse + 0.5) / inverse;
  });
  return drop_names(vector);
}

void sort_rows(Matrix& vector, bool descending) {
  if (vector.steps != 1) return;
  std::vector<std::size_t> order(vector.rows());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const double left = vector.cells[a];
    const double right = vector.cells[b];
    if (std::isnan(left) || std::isnan(right)) return !std::isnan(left) && std::isnan(right);
    return descending ? left > right : left < right;
  });
  Matrix sorted{.steps = 1, .unique_without_name = vector.unique_without_name};
  for (const auto row : order) sorted.add_row(std::move(vector.labels[row]))[0] = vector.cells[row];
  vector = std::move(sorted);
}

Matrix to_scalar(const Matrix& vector) {
  Matrix out{.steps = vector.steps};
  const auto cells = out.add_row({});
  for (std::size_t i = 0; i < vector.rows(); ++i) {
    const auto row = vector.row(i);
    for (std::size_t step = 0; step < row.size(); ++step)
      if (is_present(row[step])) cells[step] = is_absent(cells[step]) ? row[step] : kNaN;
  }
  for (double& cell : cells)
    if (is_absent(cell)) cell = kNaN;
  return out;
}

}  // namespace sentinella::query
