// Text into the tree of an expression (telemetry/expression.h).
#pragma once

#include <string>
#include <string_view>

#include "telemetry/expression.h"

namespace sentinella::telemetry {

class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}
  Result<Expression> parse();

 private:
  using Op = Expression::Op;
  using Index = Result<std::size_t>;
  struct Word {
    std::string_view text;
    Op op;
  };

  Index disjunction();
  Index conjunction();
  Index negation();
  Index comparison();
  Index sum();
  Index product();
  Index sign();
  Index power();
  Index atom();
  Index number();
  Index quoted();
  Index name();
  Index meter();
  Result<std::vector<std::string>> dotted_rest();

  std::size_t add(Op op, std::size_t left = 0, std::size_t right = 0);
  std::size_t literal(ExpressionValue value);
  bool keyword(std::string_view word);
  bool symbol(std::string_view word);
  void skip_blanks();
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  std::unexpected<Error> expected(std::string_view what) const;

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  Expression out_;
};

}  // namespace sentinella::telemetry
