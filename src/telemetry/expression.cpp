#include "telemetry/expression.h"

#include <cmath>
#include <optional>

#include "telemetry/expression_parser.h"

namespace sentinella::telemetry {
namespace {

bool truth(const ExpressionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* number = std::get_if<double>(&value)) return *number != 0;
  if (const auto* text = std::get_if<std::string>(&value)) return !text->empty();
  return false;
}

std::optional<double> number_of(const ExpressionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1.0 : 0.0;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::nullopt;
}

std::unexpected<Error> not_a_number() {
  return fail(Errc::kInvalid, "an operand is not a number");
}

}  // namespace

Result<Expression> Expression::parse(std::string_view text) {
  return ExpressionParser(text).parse();
}

Result<ExpressionValue> Expression::value(const Resolve& resolve) const {
  return evaluate(root_, resolve);
}

Result<double> Expression::number(const Resolve& resolve) const {
  SENT_TRY_ASSIGN(const ExpressionValue result, value(resolve));
  const auto number = number_of(result);
  if (!number) return not_a_number();
  if (!std::isfinite(*number)) return fail(Errc::kInvalid, "the result is not a finite number");
  return *number;
}

/// As deep as the parser went, which is bounded there; chains of one operator lean to the left.
Result<ExpressionValue> Expression::evaluate(std::size_t index, const Resolve& resolve) const {
  const Node& node = nodes_[index];
  if (node.op == Op::literal) return node.literal;
  if (node.op == Op::name) return resolve(node.name);
  SENT_TRY_ASSIGN(const ExpressionValue left, evaluate(node.left, resolve));
  switch (node.op) {
    case Op::invert:
      return !truth(left);
    case Op::both:
      return truth(left) ? evaluate(node.right, resolve) : Result<ExpressionValue>(left);
    case Op::either:
      return truth(left) ? Result<ExpressionValue>(left) : evaluate(node.right, resolve);
    case Op::plus:
    case Op::negate: {
      const auto number = number_of(left);
      if (!number) return not_a_number();
      return node.op == Op::negate ? -*number : *number;
    }
    default:
      break;
  }
  SENT_TRY_ASSIGN(const ExpressionValue right, evaluate(node.right, resolve));
  return calculate(node.op, left, right);
}

Result<ExpressionValue> Expression::calculate(Op op, const ExpressionValue& left,
                                              const ExpressionValue& right) const {
  const auto a = number_of(left), b = number_of(right);
  if (op == Op::equal || op == Op::not_equal) {
    const bool same = a && b ? *a == *b : left == right;
    return same == (op == Op::equal);
  }
  const auto* const x = std::get_if<std::string>(&left);
  const auto* const y = std::get_if<std::string>(&right);
  if (x != nullptr && y != nullptr && op >= Op::less) {
    const int order = x->compare(*y);
    return op == Op::less         ? order < 0
           : op == Op::less_equal ? order <= 0
           : op == Op::greater    ? order > 0
                                  : order >= 0;
  }
  if (!a || !b) return not_a_number();
  if (*b == 0 && (op == Op::divide || op == Op::floor_divide || op == Op::modulo))
    return fail(Errc::kInvalid, "it divides by zero");
  switch (op) {
    case Op::add:
      return *a + *b;
    case Op::subtract:
      return *a - *b;
    case Op::multiply:
      return *a * *b;
    case Op::divide:
      return *a / *b;
    case Op::floor_divide:
      return std::floor(*a / *b);
    case Op::modulo:
      return *a - *b * std::floor(*a / *b);
    case Op::power:
      return std::pow(*a, *b);
    case Op::less:
      return *a < *b;
    case Op::less_equal:
      return *a <= *b;
    case Op::greater:
      return *a > *b;
    default:
      return *a >= *b;
  }
}

}  // namespace sentinella::telemetry
