// PromQL text to a checked tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/expression.h"

namespace sentinella::query {

/// A longer text is refused.
inline constexpr std::size_t kMaxQueryBytes = 1u << 18;
/// So is a deeper tree: a recursive walk over it needs little stack.
inline constexpr std::size_t kMaxDepth = 400;

/// The first error as Prometheus words it: "1:5: parse error: unexpected ...", kInvalid.
/// What comes back is well typed: every operator and function has arguments of the right types.
Result<ExprPtr> parse_expression(std::string_view text);

/// `name{label="value",...}` alone, as match[] parameters have it; the name is among the matchers. At least
/// one matcher must not match the empty text.
Result<std::vector<LabelMatcher>> parse_selector(std::string_view text);

/// The tree as text in one line; parse_expression reads it back to the same tree.
std::string to_string(const Expr& expr);
/// The tree over several indented lines where it is longer than 100 characters.
std::string to_pretty_string(const Expr& expr);
/// "foo" with quotes and escapes.
std::string quote(std::string_view text);

}  // namespace sentinella::query
