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
  const bool fits_type = condition.type == TraitType::text ||
                         (condition.type == TraitType::datetime ? instant(condition.value).has_value()
                                                                : parse_double(condition.value).has_value());
  if (fits_type) return {};
  return fail_field(Errc::kInvalid, condition.name, "\"{}\" is not of the type {}", condition.value,
                    to_string(condition.type));
}

bool fits(const TraitCondition& condition, const Event& event) {
  for (const Label& label : event.traits) {
    if (label.name != condition.name) continue;
    if (condition.type == TraitType::text) return holds(condition.op, label.value <=> condition.value);
    if (condition.type == TraitType::datetime) {
      const auto a = instant(label.value), b = instant(condition.value);
      return a && b && holds(condition.op, *a <=> *b);
    }
    const auto a = parse_double(label.value), b = parse_double(condition.value);
    return a && b && holds(condition.op, *a <=> *b);
  }
  return false;
}

}  // namespace sentinella::events
