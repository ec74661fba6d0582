#include "query/function_table.h"

#include <algorithm>
#include <array>

namespace sentinella::query {
namespace {

using enum ValueType;
using enum FunctionFamily;

constexpr std::array kVector{vector};
constexpr std::array kMatrix{matrix};
constexpr std::array kScalar{scalar};
constexpr std::array kVectorScalar{vector, scalar};
constexpr std::array kVectorScalarScalar{vector, scalar, scalar};
constexpr std::array kScalarVector{scalar, vector};
constexpr std::array kScalarScalarVector{scalar, scalar, vector};
constexpr std::array kScalarMatrix{scalar, matrix};
constexpr std::array kMatrixScalar{matrix, scalar};
constexpr std::array kMatrixScalarScalar{matrix, scalar, scalar};
constexpr std::array kVectorStrings3{vector, string, string, string};
constexpr std::array kVectorStrings4{vector, string, string, string, string};

constexpr Function per_value_function(std::string_view name) {
  return {name, per_value, vector, kVector, 0, false};
}
constexpr Function range_function(std::string_view name) {
  return {name, over_range, vector, kMatrix, 0, false};
}
constexpr Function date_function(std::string_view name) {
  return {name, date, vector, kVector, 1, true};
}

constexpr std::array kFunctions{
    per_value_function("abs"),
    Function{"absent", other, vector, kVector, 0, false},
    range_function("absent_over_time"),
    per_value_function("acos"),
    per_value_function("acosh"),
    per_value_function("asin"),
    per_value_function("asinh"),
    per_value_function("atan"),
    per_value_function("atanh"),
    range_function("avg_over_time"),
    per_value_function("ceil"),
    range_function("changes"),
    Function{"clamp", other, vector, kVectorScalarScalar, 0, false},
    Function{"clamp_max", other, vector, kVectorScalar, 0, false},
    Function{"clamp_min", other, vector, kVectorScalar, 0, false},
    per_value_function("cos"),
    per_value_function("cosh"),
    range_function("count_over_time"),
    date_function("day_of_month"),
    date_function("day_of_week"),
    date_function("day_of_year"),
    date_function("days_in_month"),
    per_value_function("deg"),
    range_function("delta"),
    range_function("deriv"),
    per_value_function("exp"),
    per_value_function("floor"),
    Function{"histogram_count", histogram, vector, kVector, 0, false},
    Function{"histogram_fraction", histogram, vector, kScalarScalarVector, 0, false},
    Function{"histogram_quantile", histogram, vector, kScalarVector, 0, false},
    Function{"histogram_sum", histogram, vector, kVector, 0, false},
    Function{"holt_winters", over_range, vector, kMatrixScalarScalar, 0, false},
    date_function("hour"),
    range_function("idelta"),
    range_function("increase"),
    range_function("irate"),
    Function{"label_join", labels, vector, kVectorStrings3, -1, false},
    Function{"label_replace", labels, vector, kVectorStrings4, 0, false},
    range_function("last_over_time"),
    per_value_function("ln"),
    per_value_function("log10"),
    per_value_function("log2"),
    range_function("max_over_time"),
    range_function("min_over_time"),
    date_function("minute"),
    date_function("month"),
    Function{"pi", other, scalar, {}, 0, false},
    Function{"predict_linear", over_range, vector, kMatrixScalar, 0, true},
    range_function("present_over_time"),
    Function{"quantile_over_time", over_range, vector, kScalarMatrix, 0, false},
    per_value_function("rad"),
    range_function("rate"),
    range_function("resets"),
    Function{"round", other, vector, kVectorScalar, 1, false},
    Function{"scalar", other, scalar, kVector, 0, false},
    per_value_function("sgn"),
    per_value_function("sin"),
    per_value_function("sinh"),
    Function{"sort", other, vector, kVector, 0, false},
    Function{"sort_desc", other, vector, kVector, 0, false},
    per_value_function("sqrt"),
    range_function("stddev_over_time"),
    range_function("stdvar_over_time"),
    range_function("sum_over_time"),
    per_value_function("tan"),
    per_value_function("tanh"),
    Function{"time", other, scalar, {}, 0, true},
    Function{"timestamp", other, vector, kVector, 0, true},
    Function{"vector", other, vector, kScalar, 0, false},
    date_function("year"),
};
static_assert(std::ranges::is_sorted(kFunctions, {}, &Function::name));

}  // namespace

const Function* find_function(std::string_view name) {
  const auto* found = std::ranges::lower_bound(kFunctions, name, {}, &Function::name);
  return found != kFunctions.end() && found->name == name ? found : nullptr;
}

std::span<const Function> all_functions() {
  return kFunctions;
}

}  // namespace sentinella::query
