// A PromQL expression as a tree: what the parser makes, the evaluator walks and the printer writes back.
//
// The language is that of Prometheus 2.42 (prometheus.io/docs/prometheus/2.42/querying). Spans of time are
// whole milliseconds, as the language has them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/labels.h"

namespace sentinella::query {

enum class ValueType : std::uint8_t { none, scalar, vector, matrix, string };
/// "scalar", "instant vector", "range vector", "string": as error messages have them.
std::string_view describe(ValueType type);

enum class BinaryOp : std::uint8_t {
  add,
  sub,
  mul,
  div,
  mod,
  pow,
  atan2,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  and_,
  or_,
  unless,
};
std::string_view to_string(BinaryOp op);
bool is_comparison(BinaryOp op);
bool is_set_operator(BinaryOp op);

enum class Aggregation : std::uint8_t {
  sum,
  avg,
  count,
  min,
  max,
  group,
  stddev,
  stdvar,
  topk,
  bottomk,
  count_values,
  quantile,
};
std::string_view to_string(Aggregation op);
bool has_parameter(Aggregation op);

struct Function;  // function_table.h
struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

/// Bytes of the query's text, for error messages.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// `offset` and `@` of a selector or subquery.
struct TimeShift {
  enum class Anchor : std::uint8_t { none, start, end };

  std::int64_t offset_ms = 0;
  std::optional<std::int64_t> at_ms;
  Anchor anchor = Anchor::none;  ///< @ start(), @ end()
  bool fixed() const { return at_ms || anchor != Anchor::none; }
};

struct NumberLiteral {
  double value = 0;
};

struct StringLiteral {
  std::string value;
};

struct VectorSelector {
  std::string name;                         ///< written before the braces; may be empty
  std::vector<LabelMatcher> matchers = {};  ///< as written in the braces
  TimeShift shift = {};

  /// All that a series must match, the name included.
  std::vector<LabelMatcher> all_matchers() const;
};

struct MatrixSelector {
  VectorSelector vector;
  std::int64_t range_ms = 0;
};

struct Subquery {
  ExprPtr inner = {};
  std::int64_t range_ms = 0;
  std::int64_t step_ms = 0;  ///< 0: the engine's default
  TimeShift shift = {};
};

struct Paren {
  ExprPtr inner = {};
};

struct Unary {
  bool negative = false;
  ExprPtr inner = {};
};

/// How the two sides of an operator between vectors find each other.
struct Matching {
  enum class Cardinality : std::uint8_t { one_to_one, many_to_one, one_to_many, many_to_many };

  Cardinality cardinality = Cardinality::one_to_one;
  bool on = false;  ///< `labels` are compared; else all but them
  std::vector<std::string> labels;
  std::vector<std::string> include;  ///< labels that group_left or group_right takes from the "one" side
};

struct Binary {
  BinaryOp op = BinaryOp::add;
  ExprPtr left = {};
  ExprPtr right = {};
  bool return_bool = false;
  Matching matching = {};
};

struct Aggregate {
  Aggregation op = Aggregation::sum;
  ExprPtr parameter = {};  ///< null unless has_parameter(op)
  ExprPtr inner = {};
  bool without = false;
  std::vector<std::string> grouping = {};
};

struct Call {
  const Function* function = nullptr;
  std::vector<ExprPtr> arguments;
};

struct Expr {
  TextRange at = {};
  std::uint16_t height = 0;  ///< of the tree below
  std::variant<NumberLiteral, StringLiteral, VectorSelector, MatrixSelector, Subquery, Paren, Unary, Binary,
               Aggregate, Call>
      node;

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&node);
  }
};

/// Of a tree that the parser accepted.
ValueType type_of(const Expr& expr);
/// The expression inside any number of parentheses.
const Expr& without_parens(const Expr& expr);
/// Calls `visit` for every direct child.
template <typename Visit>
void for_each_child(const Expr& expr, Visit&& visit) {
  const auto some = [&](const ExprPtr& child) {
    if (child) visit(*child);
  };
  std::visit(
      [&](const auto& node) {
        using T = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<T, Subquery> || std::is_same_v<T, Paren> || std::is_same_v<T, Unary>)
          some(node.inner);
        else if constexpr (std::is_same_v<T, Binary>)
          some(node.left), some(node.right);
        else if constexpr (std::is_same_v<T, Aggregate>)
          some(node.parameter), some(node.inner);
        else if constexpr (std::is_same_v<T, Call>)
          for (const ExprPtr& argument : node.arguments) some(argument);
      },
      expr.node);
}

}  // namespace sentinella::query
