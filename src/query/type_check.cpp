#include <re2/re2.h>

#include "query/function_table.h"
#include "query/parse_error.h"
#include "query/parser.h"

namespace sentinella::query {
namespace {

/// One walk over the tree, children first, so that the innermost mistake is told.
class TypeCheck {
 public:
  explicit TypeCheck(std::string_view query) : query_(query) {}

  Result<void> visit(Expr& expr) {
    return std::visit([&](auto& node) { return check(expr, node); }, expr.node);
  }

 private:
  template <typename... Args>
  std::unexpected<Error> wrong(std::size_t at, fmt::format_string<Args...> format, Args&&... args) const {
    return std::unexpected(parse_error(query_, at, fmt::format(format, std::forward<Args>(args)...)));
  }

  Result<void> expect(Expr& expr, ValueType wanted, std::string_view where) {
    SENT_TRY(visit(expr));
    if (const auto type = type_of(expr); type != wanted)
      return wrong(expr.at.begin, "expected type {} in {}, got {}", describe(wanted), where, describe(type));
    return {};
  }

  static Result<void> check(const Expr&, const NumberLiteral&) { return {}; }
  static Result<void> check(const Expr&, const StringLiteral&) { return {}; }
  Result<void> check(const Expr&, Paren& node) { return visit(*node.inner); }
  Result<void> check(const Expr& expr, const MatrixSelector& node) { return check(expr, node.vector); }

  Result<void> check(const Expr& expr, const VectorSelector& node) const {
    bool selects = !node.name.empty();
    for (const LabelMatcher& matcher : node.matchers) {
      if (!node.name.empty() && matcher.name == kMetricName)
        return wrong(expr.at.begin, "metric name must not be set twice: \"{}\" or \"{}\"", node.name,
                     matcher.value);
      SENT_TRY_ASSIGN(const bool matches_nothing, matches_empty(expr, matcher));
      selects = selects || !matches_nothing;
    }
    if (!selects) return wrong(expr.at.begin, "vector selector must contain at least one non-empty matcher");
    return {};
  }

  Result<bool> matches_empty(const Expr& expr, const LabelMatcher& matcher) const {
    switch (matcher.op) {
      case LabelMatcher::Op::equal:
        return matcher.value.empty();
      case LabelMatcher::Op::not_equal:
        return !matcher.value.empty();
      default:
        break;
    }
    const RE2 regex(matcher.value, RE2::Quiet);
    if (!regex.ok()) return wrong(expr.at.begin, "error parsing regexp: {}", regex.error());
    return RE2::FullMatch("", regex) == (matcher.op == LabelMatcher::Op::regex);
  }

  Result<void> check(const Expr& expr, Subquery& node) {
    SENT_TRY(visit(*node.inner));
    if (const auto type = type_of(*node.inner); type != ValueType::vector)
      return wrong(expr.at.begin, "subquery is only allowed on instant vector, got {} instead", plain(type));
    return {};
  }

  static std::string_view plain(ValueType type) {
    return type == ValueType::matrix ? "matrix" : type == ValueType::vector ? "vector" : describe(type);
  }

  Result<void> check(const Expr& expr, Unary& node) {
    SENT_TRY(visit(*node.inner));
    if (const auto type = type_of(*node.inner); type != ValueType::scalar && type != ValueType::vector)
      return wrong(
          expr.at.begin,
          "unary expression only allowed on expressions of type scalar or instant vector, got \"{}\"",
          describe(type));
    return {};
  }

  Result<void> check(const Expr&, Aggregate& node) {
    SENT_TRY(expect(*node.inner, ValueType::vector, "aggregation expression"));
    if (!node.parameter) return {};
    const bool text = node.op == Aggregation::count_values;
    return expect(*node.parameter, text ? ValueType::string : ValueType::scalar, "aggregation parameter");
  }

  Result<void> check(const Expr& expr, Call& node) {
    const Function& function = *node.function;
    const std::size_t wanted = function.arguments.size();
    const std::size_t given = node.arguments.size();
    if (function.variadic == 0 && given != wanted)
      return wrong(expr.at.begin, "expected {} argument(s) in call to \"{}\", got {}", wanted, function.name,
                   given);
    if (function.variadic != 0 && given + 1 < wanted)
      return wrong(expr.at.begin, "expected at least {} argument(s) in call to \"{}\", got {}", wanted - 1,
                   function.name, given);
    if (function.variadic > 0 && given > wanted)
      return wrong(expr.at.begin, "expected at most {} argument(s) in call to \"{}\", got {}", wanted,
                   function.name, given);
    const auto where = fmt::format("call to function \"{}\"", function.name);
    for (std::size_t i = 0; i < given; ++i)
      SENT_TRY(expect(*node.arguments[i], function.arguments[std::min(i, wanted - 1)], where));
    return {};
  }

  Result<void> check(const Expr& expr, Binary& node) {
    SENT_TRY(visit(*node.left));
    SENT_TRY(visit(*node.right));
    const auto left = type_of(*node.left);
    const auto right = type_of(*node.right);
    const auto operator_at = find_operator(node);
    if (node.return_bool && !is_comparison(node.op))
      return wrong(operator_at, "bool modifier can only be used on comparison operators");
    if (is_comparison(node.op) && !node.return_bool && left == ValueType::scalar &&
        right == ValueType::scalar)
      return wrong(operator_at, "comparisons between scalars must use BOOL modifier");
    Matching& matching = node.matching;
    for (const auto& label : matching.labels)
      if (matching.on && std::ranges::find(matching.include, label) != matching.include.end())
        return wrong(operator_at, "label \"{}\" must not occur in ON and GROUP clause at once", label);
    for (const auto& [side, type] : {std::pair{node.left.get(), left}, {node.right.get(), right}})
      if (type != ValueType::scalar && type != ValueType::vector)
        return wrong(side->at.begin, "binary expression must contain only scalar and instant vector types");
    return check_sides(expr, node, left == ValueType::vector && right == ValueType::vector);
  }

  Result<void> check_sides(const Expr& expr, Binary& node, bool both_vectors) const {
    Matching& matching = node.matching;
    if (!both_vectors) {
      if (!matching.labels.empty())
        return wrong(expr.at.begin, "vector matching only allowed between instant vectors");
      if (is_set_operator(node.op))
        return wrong(expr.at.begin, "set operator \"{}\" not allowed in binary scalar expression",
                     to_string(node.op));
      matching = {};
    } else if (is_set_operator(node.op)) {
      if (matching.cardinality != Matching::Cardinality::one_to_one)
        return wrong(expr.at.begin, "no grouping allowed for \"{}\" operation", to_string(node.op));
      matching.cardinality = Matching::Cardinality::many_to_many;
    }
    return {};
  }

  std::size_t find_operator(const Binary& node) const {
    const auto at = query_.find_first_not_of(" \t\r\n", node.left->at.end);
    return at == std::string_view::npos ? node.left->at.end : at;
  }

  std::string_view query_;
};

}  // namespace

Result<void> check_types(Expr& expr, std::string_view query) {
  return TypeCheck(query).visit(expr);
}

}  // namespace sentinella::query
