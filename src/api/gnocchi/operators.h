// The words that operations and predicates have for one and the same operator: "+" and "add", "<=", "≤" and
// "le".
#pragma once

#include <optional>
#include <string_view>

namespace sentinella::api::gnocchi {

/// eq, ne, lt, le, gt, ge; nullopt: no comparison.
std::optional<std::string_view> comparison_named(std::string_view word);
/// add, sub, mul, div, mod, pow; nullopt: none of them.
std::optional<std::string_view> arithmetic_named(std::string_view word);

}  // namespace sentinella::api::gnocchi
