#include "events/trait_condition.h"

#include <compare>

#include "base/text.h"
#include "base/time.h"

namespace sentinella::events {
namespace {

using Op = TraitCondition::Op;

bool holds(Op op, std::partial_ordering order) {
  switch (op) {
    case Op::equal:
      return order == 0;
    case Op::not_equal:
      return order != 0;
    case Op::less:
      return order < 0;
    case Op::less_equal:
      return order <= 0;
    case Op::greater:
      return order > 0;
    case Op::greater_equal:
      return order >= 0;
  }
  return false;
}

/// Instants may be asked for without a zone or a time of day, as OpenStack's clients write them.
std::optional<Time> instant(std::string_view text) {
  std::string whole(text);
  if (whole.size() == 10) whole += "T00:00:00";
  if (whole.size() > 10 && whole[10] == ' ') whole[10] = 'T';
  if (!whole.ends_with('Z') && whole.find('+', 10) == std::string::npos &&
      whole.find('-', 10) == std::string::npos)
    whole += 'Z';
  const auto time = parse_rfc3339(whole);
  return time ? std::optional(*time) : std::nullopt;
}

/// Nothing when one of them is not of the type.
std::optional<std::partial_ordering> compared(std::string_view a, std::string_view b, TraitType type) {
  const auto both = [](const auto& one, const auto& other) {
    return one && other ? std::optional<std::partial_ordering>(*one <=> *other) : std::nullopt;
  };
  if (type == TraitType::text) return a <=> b;
  if (type == TraitType::datetime) return both(instant(a), instant(b));
  // Counters and ids may be longer than a double is exact.
  if (const auto exact = both(parse_uint(a), parse_uint(b))) return exact;
  return both(parse_double(a), parse_double(b));
}

}  // namespace

std::optional<Op> parse_trait_op(std::string_view text) {
  static constexpr std::pair<std::string_view, Op> kWords[] = {
      {"eq", Op::equal},      {"ne", Op::not_equal}, {"lt", Op::less},
      {"le", Op::less_equal}, {"gt", Op::greater},   {"ge", Op::greater_equal}};
  for (const auto& [word, op] : kWords)
    if (word == text) return op;
  return std::nullopt;
}

Result<void> check(const TraitCondition& condition) {
  if (!condition.type || compared(condition.value, condition.value, *condition.type)) return {};
  return fail_field(Errc::kInvalid, condition.name, "\"{}\" is not of the type {}", condition.value,
                    to_string(*condition.type));
}

bool fits(const TraitCondition& condition, const Event& event) {
  for (const auto& [name, value] : event.traits) {
    if (name != condition.name) continue;
    const TraitType type = condition.type ? *condition.type : trait_type(event, name);
    const auto order = compared(value, condition.value, type);
    if (order) return holds(condition.op, *order);
    return !condition.type && holds(condition.op, value <=> condition.value);
  }
  return false;
}

}  // namespace sentinella::events
