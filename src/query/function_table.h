// Names and types of the functions of PromQL. What they do is in the evaluator.
#pragma once

#include <span>
#include <string_view>

#include "query/expression.h"

namespace sentinella::query {

/// Families that the evaluator treats alike.
enum class FunctionFamily : std::uint8_t {
  per_value,   ///< a vector's values, one by one
  over_range,  ///< each series of a range vector
  date,        ///< parts of a date
  labels,      ///< label_replace, label_join
  histogram,
  other,
};

struct Function {
  std::string_view name;
  FunctionFamily family = FunctionFamily::other;
  ValueType result = ValueType::vector;
  std::span<const ValueType> arguments;
  /// 0: exactly `arguments`. 1: the last may be absent. -1: the last may be absent or repeat.
  int variadic = 0;
  /// The result depends on the time of evaluation even when the arguments do not.
  bool reads_time = false;
};

/// Null for an unknown name. The table is sorted by name and lives as long as the program.
const Function* find_function(std::string_view name);
std::span<const Function> all_functions();

}  // namespace sentinella::query
