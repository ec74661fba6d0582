#include "events/trait_text.h"

namespace sentinella::events {

Result<TraitCondition> parse_trait_condition(std::string_view text) {
  using enum TraitCondition::Op;
  static constexpr std::pair<std::string_view, TraitCondition::Op> kSigns[] = {
      {"!=", not_equal}, {"<=", less_equal}, {">=", greater_equal},
      {"=", equal},      {"<", less},        {">", greater}};
  const std::size_t at = text.find_first_of("!<>=");
  for (const auto& [sign, op] : kSigns) {
    if (at == 0 || at == std::string_view::npos || !text.substr(at).starts_with(sign)) continue;
    TraitCondition condition{std::string(text.substr(0, at)), op, std::string(text.substr(at + sign.size())),
                             TraitType::text};
    if (op == equal || op == not_equal) {
      condition.type = std::nullopt;
      return condition;
    }
    for (const TraitType type : {TraitType::real, TraitType::datetime}) {
      condition.type = type;
      if (check(condition)) return condition;
    }
    condition.type = TraitType::text;
    return condition;
  }
  return fail_field(Errc::kInvalid, "trait",
                    "\"{}\" is not NAME OPERATOR VALUE with =, !=, <, <=, > or >=", text);
}

}  // namespace sentinella::events
