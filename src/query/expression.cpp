#include "query/expression.h"

#include <array>

#include "query/function_table.h"

namespace sentinella::query {

std::string_view describe(ValueType type) {
  switch (type) {
    case ValueType::scalar:
      return "scalar";
    case ValueType::vector:
      return "instant vector";
    case ValueType::matrix:
      return "range vector";
    case ValueType::string:
      return "string";
    case ValueType::none:
      break;
  }
  return "none";
}

std::string_view to_string(BinaryOp op) {
  constexpr std::array<std::string_view, 16> kNames{
      "+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", "<=", ">", ">=", "and", "or", "unless"};
  return kNames[static_cast<std::size_t>(op)];
}

bool is_comparison(BinaryOp op) {
  return op >= BinaryOp::equal && op <= BinaryOp::greater_equal;
}

bool is_set_operator(BinaryOp op) {
  return op >= BinaryOp::and_;
}

std::string_view to_string(Aggregation op) {
  constexpr std::array<std::string_view, 12> kNames{"sum",  "avg",     "count",        "min",
                                                    "max",  "group",   "stddev",       "stdvar",
                                                    "topk", "bottomk", "count_values", "quantile"};
  return kNames[static_cast<std::size_t>(op)];
}

bool has_parameter(Aggregation op) {
  return op >= Aggregation::topk;
}

std::vector<LabelMatcher> VectorSelector::all_matchers() const {
  auto all = matchers;
  if (!name.empty()) all.push_back({LabelMatcher::Op::equal, std::string(kMetricName), name});
  return all;
}

ValueType type_of(const Expr& expr) {
  return std::visit(
      [](const auto& node) {
        using T = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<T, NumberLiteral>)
          return ValueType::scalar;
        else if constexpr (std::is_same_v<T, StringLiteral>)
          return ValueType::string;
        else if constexpr (std::is_same_v<T, MatrixSelector> || std::is_same_v<T, Subquery>)
          return ValueType::matrix;
        else if constexpr (std::is_same_v<T, Paren> || std::is_same_v<T, Unary>)
          return type_of(*node.inner);
        else if constexpr (std::is_same_v<T, Binary>)
          return type_of(*node.left) == ValueType::scalar && type_of(*node.right) == ValueType::scalar
                     ? ValueType::scalar
                     : ValueType::vector;
        else if constexpr (std::is_same_v<T, Call>)
          return node.function->result;
        else
          return ValueType::vector;
      },
      expr.node);
}

const Expr& without_parens(const Expr& expr) {
  const Expr* inner = &expr;
  while (const auto* paren = inner->as<Paren>()) inner = paren->inner.get();
  return *inner;
}

}  // namespace sentinella::query
