// PromQL text into tokens. The rules, and the words of errors, are those of Prometheus 2.42.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/expression.h"

namespace sentinella::query {

enum class TokenKind : std::uint8_t {
  end_of_input,
  error,  ///< Token::message says what is wrong; always the last token
  identifier,
  metric_identifier,  ///< with a ':'
  string,             ///< with its quotes
  number,
  duration,
  left_paren,
  right_paren,
  left_brace,
  right_brace,
  left_bracket,
  right_bracket,
  comma,
  colon,
  assign,
  regex_match,
  regex_no_match,
  at,
  operator_,   ///< Token::op
  aggregator,  ///< Token::aggregation
  offset,
  by,
  without,
  on,
  ignoring,
  group_left,
  group_right,
  bool_,
  start,
  end,
};

struct Token {
  TokenKind kind = TokenKind::end_of_input;
  TextRange at = {};
  BinaryOp op = BinaryOp::add;
  Aggregation aggregation = Aggregation::sum;
  std::string message = {};
};

/// Comments and white space are left out; the last token is end_of_input or error.
std::vector<Token> tokenize(std::string_view text);

/// As messages name it: `identifier "foo"`, `<op:+>`, `")"`, `end of input`.
std::string describe(const Token& token, std::string_view text);

/// What stands between the quotes, escapes resolved. `quoted` is a string token's text.
Result<std::string> unquote(std::string_view quoted);
/// "1h30m", "5m", "500ms" in milliseconds; units from large to small, each at most once.
Result<std::int64_t> parse_duration_ms(std::string_view text);
/// As parse_duration_ms reads it back: "1h30m", "0s".
std::string duration_text(std::int64_t ms);
/// Decimal, hexadecimal, octal (a leading 0), Inf, NaN.
Result<double> parse_number(std::string_view text);

bool is_label_name(std::string_view text);

}  // namespace sentinella::query
