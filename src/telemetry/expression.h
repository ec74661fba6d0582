// The arithmetic of transformers: Python's, on numbers and dotted names, and nothing else of Python. No
// calls, no indexing, no assignment: an expression can only be wrong, not dangerous.
//
//   100.0 / (10**9 * (resource_metadata.cpu_number or 1))        names are fields of the sample
//   100.0 * $(memory.usage) / $(memory)                          $(meter) is the volume of a meter's sample,
//   $(cpu) / $(cpu).resource_metadata.n                          $(meter).x.y a field of it
//
// + - * / // % ** ( ) == != < <= > >= and or not, texts in quotes, True, False, None. A name that leads
// nowhere is false, so that (name or 1) works; in arithmetic it is an error. As in Python `and` and `or` give
// one of their sides, ** binds to the right, and % has the sign of its right side.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sentinella::telemetry {

/// monostate = nothing there.
using ExpressionValue = std::variant<std::monostate, bool, double, std::string>;

struct ExpressionName {
  std::string meter;              ///< of $(meter); "" for a bare name
  std::vector<std::string> path;  ///< {"resource_metadata", "cpu_number"}; empty for $(meter) alone
  friend bool operator==(const ExpressionName&, const ExpressionName&) = default;
};

/// Immutable, thread-safe.
class Expression {
 public:
  using Resolve = std::function<ExpressionValue(const ExpressionName&)>;

  /// kInvalid says where; at most 4096 bytes and 64 levels of parentheses and operators.
  static Result<Expression> parse(std::string_view text);

  /// kInvalid: a division by zero, arithmetic on what is no number.
  Result<ExpressionValue> value(const Resolve& resolve) const;
  /// The value as a finite number, else kInvalid.
  Result<double> number(const Resolve& resolve) const;
  /// Of all $(meter), in the order of first appearance.
  const std::vector<std::string>& meters() const { return meters_; }

 private:
  friend class ExpressionParser;
  enum class Op : std::uint8_t {
    literal,
    name,
    negate,
    plus,
    invert,
    both,
    either,
    add,
    subtract,
    multiply,
    divide,
    floor_divide,
    modulo,
    power,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal
  };
  struct Node {
    Op op = Op::literal;
    ExpressionValue literal;
    ExpressionName name;
    std::size_t left = 0, right = 0;
  };

  Result<ExpressionValue> evaluate(std::size_t node, const Resolve& resolve) const;
  Result<ExpressionValue> calculate(Op op, const ExpressionValue& left, const ExpressionValue& right) const;

  std::vector<Node> nodes_;
  std::size_t root_ = 0;
  std::vector<std::string> meters_;
};

}  // namespace sentinella::telemetry
