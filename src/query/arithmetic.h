// One operator on two numbers.
#pragma once

#include <cmath>

#include "query/expression.h"

namespace sentinella::query {

inline bool compare(BinaryOp op, double a, double b) {
  switch (op) {
    case BinaryOp::equal:
      return a == b;
    case BinaryOp::not_equal:
      return a != b;
    case BinaryOp::less:
      return a < b;
    case BinaryOp::less_equal:
      return a <= b;
    case BinaryOp::greater:
      return a > b;
    default:
      return a >= b;
  }
}

inline double calculate(BinaryOp op, double a, double b) {
  switch (op) {
    case BinaryOp::add:
      return a + b;
    case BinaryOp::sub:
      return a - b;
    case BinaryOp::mul:
      return a * b;
    case BinaryOp::div:
      return a / b;
    case BinaryOp::mod:
      return std::fmod(a, b);
    case BinaryOp::pow:
      return std::pow(a, b);
    default:
      return std::atan2(a, b);
  }
}

/// Comparisons and atan2 keep the metric's name.
inline bool drops_name(BinaryOp op) {
  return op <= BinaryOp::pow;
}

}  // namespace sentinella::query
