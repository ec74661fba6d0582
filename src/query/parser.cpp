#include "query/parser.h"

#include <cmath>
#include <optional>

#include "query/function_table.h"
#include "query/lexer.h"
#include "query/parse_error.h"

namespace sentinella::query {
namespace {

/// Higher binds tighter. Unary minus binds as multiplication does.
int precedence(BinaryOp op) {
  switch (op) {
    case BinaryOp::or_:
      return 1;
    case BinaryOp::and_:
    case BinaryOp::unless:
      return 2;
    case BinaryOp::add:
    case BinaryOp::sub:
      return 4;
    case BinaryOp::mul:
    case BinaryOp::div:
    case BinaryOp::mod:
    case BinaryOp::atan2:
      return 5;
    case BinaryOp::pow:
      return 6;
    default:
      return 3;  // comparisons
  }
}
constexpr int kLowest = 1;
constexpr int kAboveMultiplication = 6;

/// Recursive descent with precedence climbing. A method that fails has set error_ and returns nothing useful;
/// callers stop then.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), tokens_(tokenize(text)) {}

  Result<ExprPtr> whole() {
    if (peek().kind == TokenKind::end_of_input) {
      fail_at(0, "no expression found in input");
      return std::unexpected(*error_);
    }
    auto expr = binary(kLowest);
    if (!error_ && peek().kind != TokenKind::end_of_input) unexpected("", "");
    if (error_) return std::unexpected(*std::move(error_));
    return expr;
  }

  Result<VectorSelector> whole_selector() {
    auto selector = vector_selector();
    if (!error_ && peek().kind != TokenKind::end_of_input) unexpected("", "");
    if (error_) return std::unexpected(*std::move(error_));
    return selector;
  }

 private:
  // --- tokens ---
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
  }
  const Token& take() {
    const Token& token = peek();
    if (next_ + 1 < tokens_.size()) ++next_;
    last_end_ = token.at.end;
    return token;
  }
  bool accept(TokenKind kind) {
    if (peek().kind != kind) return false;
    take();
    return true;
  }
  std::string_view text_of(const Token& token) const {
    return text_.substr(token.at.begin, token.at.end - token.at.begin);
  }
  bool is_operator(BinaryOp op) const { return peek().kind == TokenKind::operator_ && peek().op == op; }

  // --- errors ---
  template <typename... Args>
  void fail_at(std::size_t position, fmt::format_string<Args...> format, Args&&... args) {
    if (!error_) error_ = parse_error(text_, position, fmt::format(format, std::forward<Args>(args)...));
  }
  void unexpected(std::string_view where, std::string_view expected) {
    const Token& token = peek();
    if (token.kind == TokenKind::error) return fail_at(token.at.begin, "{}", token.message);
    std::string message = "unexpected " + describe(token, text_);
    if (!where.empty()) message += fmt::format(" in {}", where);
    if (!expected.empty()) message += fmt::format(", expected {}", expected);
    fail_at(token.at.begin, "{}", message);
  }

  // --- nodes ---
  template <typename Node>
  ExprPtr make(std::size_t begin, Node node) {
    auto expr = std::make_unique<Expr>();
    expr->at = {begin, last_end_};
    expr->node = std::move(node);
    for_each_child(*expr, [&](const Expr& child) {
      expr->height = std::max<std::uint16_t>(expr->height, static_cast<std::uint16_t>(child.height + 1));
    });
    if (expr->height > kMaxDepth) fail_at(begin, "expression is nested deeper than {} levels", kMaxDepth);
    return expr;
  }

  ExprPtr binary(int lowest) {
    ExprPtr left = operand();
    while (!error_ && peek().kind == TokenKind::operator_ && precedence(peek().op) >= lowest) {
      Binary node{.op = take().op, .left = std::move(left)};
      modifiers(node);
      if (error_) return nullptr;
      const int own = precedence(node.op);
      node.right = binary(node.op == BinaryOp::pow ? own : own + 1);
      if (error_) return nullptr;
      const auto begin = node.left->at.begin;
      left = make(begin, std::move(node));
    }
    return left;
  }

  void modifiers(Binary& node) {
    node.return_bool = accept(TokenKind::bool_);
    if (peek().kind != TokenKind::on && peek().kind != TokenKind::ignoring) return;
    node.matching.on = take().kind == TokenKind::on;
    node.matching.labels = label_list();
    if (peek().kind != TokenKind::group_left && peek().kind != TokenKind::group_right) return;
    node.matching.cardinality = take().kind == TokenKind::group_left ? Matching::Cardinality::many_to_one
                                                                     : Matching::Cardinality::one_to_many;
    if (peek().kind == TokenKind::left_paren) node.matching.include = label_list();
  }

  std::vector<std::string> label_list() {
    std::vector<std::string> labels;
    if (peek().kind != TokenKind::left_paren) {
      unexpected("grouping opts", "\"(\"");
      return labels;
    }
    take();
    while (!error_ && !accept(TokenKind::right_paren)) {
      const bool word = peek().kind >= TokenKind::offset || peek().kind == TokenKind::aggregator ||
                        peek().kind == TokenKind::identifier || peek().kind == TokenKind::operator_;
      if (!word || !is_label_name(text_of(peek()))) {
        unexpected("grouping opts", "label");
        return labels;
      }
      labels.emplace_back(text_of(take()));
      if (!accept(TokenKind::comma) && peek().kind != TokenKind::right_paren)
        unexpected("grouping opts", "\",\" or \")\"");
    }
    return labels;
  }

  ExprPtr operand() {
    const Token& sign = peek();
    if (!is_operator(BinaryOp::add) && !is_operator(BinaryOp::sub)) return postfix(primary());
    if (++nesting_ > kMaxDepth) {
      fail_at(sign.at.begin, "expression is nested deeper than {} levels", kMaxDepth);
      return nullptr;
    }
    const bool negative = take().op == BinaryOp::sub;
    ExprPtr inner = binary(kAboveMultiplication);
    --nesting_;
    if (error_) return nullptr;
    if (auto* number = std::get_if<NumberLiteral>(&inner->node)) {
      if (negative) number->value = -number->value;
      inner->at.begin = sign.at.begin;
      return inner;
    }
    return make(sign.at.begin, Unary{negative, std::move(inner)});
  }

  ExprPtr primary() {
    const Token& token = peek();
    switch (token.kind) {
      case TokenKind::left_paren:
        return parenthesised();
      case TokenKind::number:
        take();
        return make(token.at.begin, NumberLiteral{number(token)});
      case TokenKind::string:
        take();
        return make(token.at.begin, StringLiteral{string(token)});
      case TokenKind::aggregator:
        if (const auto after = peek(1).kind;
            after == TokenKind::left_paren || after == TokenKind::by || after == TokenKind::without)
          return aggregate();
        break;
      case TokenKind::identifier:
        if (peek(1).kind == TokenKind::left_paren) return call();
        break;
      default:
        break;
    }
    auto selector = vector_selector();
    if (error_) return nullptr;
    return make(token.at.begin, std::move(selector));
  }

  ExprPtr parenthesised() {
    const auto begin = take().at.begin;
    ExprPtr inner = nested();
    if (error_) return nullptr;
    if (!accept(TokenKind::right_paren)) {
      unexpected("", "");
      return nullptr;
    }
    return make(begin, Paren{std::move(inner)});
  }

  /// An expression inside brackets of some kind.
  ExprPtr nested() {
    if (++nesting_ > kMaxDepth) {
      fail_at(peek().at.begin, "expression is nested deeper than {} levels", kMaxDepth);
      return nullptr;
    }
    ExprPtr inner = binary(kLowest);
    --nesting_;
    return inner;
  }

  std::vector<ExprPtr> arguments() {
    std::vector<ExprPtr> list;
    take();  // the parenthesis
    if (accept(TokenKind::right_paren)) return list;
    while (!error_) {
      list.push_back(nested());
      if (error_ || accept(TokenKind::right_paren)) return list;
      if (peek().kind == TokenKind::comma) {
        const auto comma = take().at.begin;
        if (peek().kind == TokenKind::right_paren)
          fail_at(comma, "trailing commas not allowed in function call args");
      } else {
        unexpected("", "");
      }
    }
    return list;
  }

  ExprPtr call() {
    const Token& name = take();
    const Function* function = find_function(text_of(name));
    if (function == nullptr) {
      fail_at(name.at.begin, "unknown function with name \"{}\"", text_of(name));
      return nullptr;
    }
    Call node{function, arguments()};
    if (error_) return nullptr;
    return make(name.at.begin, std::move(node));
  }

  bool grouping(Aggregate& node) {
    if (peek().kind != TokenKind::by && peek().kind != TokenKind::without) return false;
    node.without = take().kind == TokenKind::without;
    node.grouping = label_list();
    return true;
  }

  ExprPtr aggregate() {
    const Token& name = take();
    Aggregate node{.op = name.aggregation};
    const bool before = grouping(node);
    if (!error_ && peek().kind != TokenKind::left_paren) unexpected("aggregation", "");
    if (error_) return nullptr;
    auto list = arguments();
    if (!error_ && !before) grouping(node);
    if (error_) return nullptr;
    const std::size_t wanted = has_parameter(node.op) ? 2 : 1;
    if (list.empty()) {
      fail_at(name.at.begin, "no arguments for aggregate expression provided");
      return nullptr;
    }
    if (list.size() != wanted) {
      fail_at(name.at.begin,
              "wrong number of arguments for aggregate expression provided, expected {}, got {}", wanted,
              list.size());
      return nullptr;
    }
    node.inner = std::move(list.back());
    if (wanted == 2) node.parameter = std::move(list.front());
    return make(name.at.begin, std::move(node));
  }

  double number(const Token& token) {
    const auto value = parse_number(text_of(token));
    if (value) return *value;
    fail_at(token.at.begin, "{}", value.error().message);
    return 0;
  }
  std::string string(const Token& token) {
    auto value = unquote(text_of(token));
    if (value) return *std::move(value);
    fail_at(token.at.begin, "{}", value.error().message);
    return {};
  }
  std::int64_t duration(const Token& token) {
    const auto ms = parse_duration_ms(text_of(token));
    if (!ms)
      fail_at(token.at.begin, "{}", ms.error().message);
    else if (*ms == 0)
      fail_at(token.at.begin, "duration must be greater than 0");
    return ms.value_or(0);
  }

  static bool may_be_metric_name(TokenKind kind, BinaryOp op) {
    switch (kind) {
      case TokenKind::identifier:
      case TokenKind::metric_identifier:
      case TokenKind::aggregator:
      case TokenKind::by:
      case TokenKind::without:
      case TokenKind::offset:
      case TokenKind::start:
      case TokenKind::end:
        return true;
      case TokenKind::operator_:
        return is_set_operator(op);
      default:
        return false;
    }
  }

  VectorSelector vector_selector() {
    VectorSelector selector;
    const bool named = may_be_metric_name(peek().kind, peek().op);
    if (named) selector.name = text_of(take());
    if (accept(TokenKind::left_brace))
      label_matchers(selector.matchers);
    else if (!named)
      unexpected("", "");
    return selector;
  }

  void label_matchers(std::vector<LabelMatcher>& matchers) {
    while (!error_ && !accept(TokenKind::right_brace)) {
      if (peek().kind != TokenKind::identifier) return unexpected("label matching", "identifier or \"}\"");
      LabelMatcher matcher;
      matcher.name = text_of(take());
      if (peek().kind == TokenKind::assign)
        matcher.op = LabelMatcher::Op::equal;
      else if (peek().kind == TokenKind::regex_match)
        matcher.op = LabelMatcher::Op::regex;
      else if (peek().kind == TokenKind::regex_no_match)
        matcher.op = LabelMatcher::Op::not_regex;
      else if (is_operator(BinaryOp::not_equal))
        matcher.op = LabelMatcher::Op::not_equal;
      else
        return unexpected("label matching", "label matching operator");
      take();
      if (peek().kind != TokenKind::string) return unexpected("label matching", "string");
      matcher.value = string(take());
      matchers.push_back(std::move(matcher));
      if (!accept(TokenKind::comma) && peek().kind != TokenKind::right_brace)
        return unexpected("label matching", "\",\" or \"}\"");
    }
  }

  // --- what may follow an operand: [range], [range:step], offset, @ ---
  ExprPtr postfix(ExprPtr expr) {
    while (!error_) {
      if (accept(TokenKind::left_bracket))
        expr = range(std::move(expr));
      else if (accept(TokenKind::offset))
        offset(*expr);
      else if (accept(TokenKind::at))
        at(*expr);
      else
        return expr;
    }
    return nullptr;
  }

  ExprPtr range(ExprPtr inner) {
    const auto bracket = last_end_ - 1;
    if (peek().kind != TokenKind::duration) {
      unexpected("subquery selector", "duration");
      return nullptr;
    }
    const auto range_ms = duration(take());
    if (accept(TokenKind::colon)) return subquery(std::move(inner), range_ms);
    if (!accept(TokenKind::right_bracket)) {
      unexpected("subquery or range", "\":\" or \"]\"");
      return nullptr;
    }
    auto* vector = std::get_if<VectorSelector>(&inner->node);
    if (vector == nullptr)
      fail_at(bracket, "ranges only allowed for vector selectors");
    else if (vector->shift.offset_ms != 0)
      fail_at(bracket, "no offset modifiers allowed before range");
    else if (vector->shift.fixed())
      fail_at(bracket, "no @ modifiers allowed before range");
    if (error_) return nullptr;
    const auto begin = inner->at.begin;
    return make(begin, MatrixSelector{std::move(*vector), range_ms});
  }

  ExprPtr subquery(ExprPtr inner, std::int64_t range_ms) {
    Subquery node{.inner = std::move(inner), .range_ms = range_ms};
    const bool has_step = peek().kind == TokenKind::duration;
    if (has_step) node.step_ms = duration(take());
    if (!error_ && !accept(TokenKind::right_bracket))
      unexpected("subquery selector", has_step ? "\"]\"" : "duration or \"]\"");
    if (error_) return nullptr;
    const auto begin = node.inner->at.begin;
    return make(begin, std::move(node));
  }

  static TimeShift* shift_of(Expr& expr) {
    if (auto* vector = std::get_if<VectorSelector>(&expr.node)) return &vector->shift;
    if (auto* matrix = std::get_if<MatrixSelector>(&expr.node)) return &matrix->vector.shift;
    if (auto* sub = std::get_if<Subquery>(&expr.node)) return &sub->shift;
    return nullptr;
  }

  void offset(Expr& expr) {
    const bool negative = is_operator(BinaryOp::sub);
    if (negative) take();
    if (peek().kind != TokenKind::duration) return unexpected("offset", "duration");
    const auto ms = duration(take());
    TimeShift* shift = shift_of(expr);
    if (shift == nullptr)
      return fail_at(
          expr.at.begin,
          "offset modifier must be preceded by an instant vector selector or range vector selector "
          "or a subquery");
    if (shift->offset_ms != 0) return fail_at(expr.at.begin, "offset may not be set multiple times");
    shift->offset_ms = negative ? -ms : ms;
    expr.at.end = last_end_;
  }

  void at(Expr& expr) {
    TimeShift read;
    if (peek().kind == TokenKind::start || peek().kind == TokenKind::end) {
      read.anchor = take().kind == TokenKind::start ? TimeShift::Anchor::start : TimeShift::Anchor::end;
      if (!accept(TokenKind::left_paren) || !accept(TokenKind::right_paren))
        return unexpected("@", "timestamp");
    } else {
      const bool negative = is_operator(BinaryOp::sub);
      if (negative || is_operator(BinaryOp::add)) take();
      if (peek().kind != TokenKind::number) return unexpected("@", "timestamp");
      const double seconds = number(take()) * (negative ? -1 : 1);
      // What fits into 64-bit nanoseconds.
      if (!(std::abs(seconds) < 9.2e9))
        return fail_at(expr.at.begin, "timestamp out of bounds for @ modifier: {:f}", seconds);
      read.at_ms = std::llround(seconds * 1000);
    }
    TimeShift* shift = shift_of(expr);
    if (shift == nullptr)
      return fail_at(
          expr.at.begin,
          "@ modifier must be preceded by an instant vector selector or range vector selector or a "
          "subquery");
    if (shift->fixed()) return fail_at(expr.at.begin, "@ <timestamp> may not be set multiple times");
    shift->at_ms = read.at_ms;
    shift->anchor = read.anchor;
    expr.at.end = last_end_;
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t last_end_ = 0;  ///< of the token taken last
  std::size_t nesting_ = 0;
  std::optional<Error> error_;
};

Result<void> check_length(std::string_view text) {
  if (text.size() > kMaxQueryBytes)
    return fail_field(Errc::kInvalid, "query", "is {} bytes, at most {}", text.size(), kMaxQueryBytes);
  return {};
}

}  // namespace

Result<ExprPtr> parse_expression(std::string_view text) {
  SENT_TRY(check_length(text));
  SENT_TRY_ASSIGN(ExprPtr expr, Parser(text).whole());
  SENT_TRY(check_types(*expr, text));
  return expr;
}

Result<std::vector<LabelMatcher>> parse_selector(std::string_view text) {
  SENT_TRY(check_length(text));
  SENT_TRY_ASSIGN(VectorSelector selector, Parser(text).whole_selector());
  Expr expr{.at = {0, text.size()}, .node = std::move(selector)};
  SENT_TRY(check_types(expr, text));
  return std::get<VectorSelector>(expr.node).all_matchers();
}

}  // namespace sentinella::query
