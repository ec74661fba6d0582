// How the parser and the type check say what is wrong.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/result.h"
#include "query/expression.h"

namespace sentinella::query {

/// "line:column: parse error: message", both from 1, the column in bytes.
inline Error parse_error(std::string_view query, std::size_t position, std::string_view message) {
  const auto before = query.substr(0, std::min(position, query.size()));
  const auto line = 1 + std::ranges::count(before, '\n');
  const auto last_break = before.rfind('\n');
  const auto column = last_break == std::string_view::npos ? before.size() + 1 : before.size() - last_break;
  return {Errc::kInvalid, fmt::format("{}:{}: parse error: {}", line, column, message), "query"};
}

/// kInvalid: an operand or argument of the wrong type, a selector that matches everything, and the like.
/// Also settles what only types tell: set operators are many-to-many.
Result<void> check_types(Expr& expr, std::string_view query);

}  // namespace sentinella::query
