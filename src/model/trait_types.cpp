#include "model/trait_types.h"

#include <map>

#include "base/text.h"

namespace sentinella {

std::string_view to_string(TraitType type) {
  switch (type) {
    case TraitType::text:
      return "text";
    case TraitType::integer:
      return "integer";
    case TraitType::real:
      return "float";
    case TraitType::datetime:
      return "datetime";
  }
  return "text";
}

std::optional<TraitType> parse_trait_type(std::string_view text) {
  if (text == "int") return TraitType::integer;
  if (text == "string") return TraitType::text;
  for (const auto type : {TraitType::text, TraitType::integer, TraitType::real, TraitType::datetime})
    if (text == to_string(type)) return type;
  return std::nullopt;
}

namespace {

std::map<std::string_view, TraitType> types_of(const Event& event) {
  std::map<std::string_view, TraitType> types;
  for (const std::string_view one : split(trait(event, kTraitTypes), ' ')) {
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) continue;
    if (const auto type = parse_trait_type(one.substr(equals + 1))) types[one.substr(0, equals)] = *type;
  }
  return types;
}

TraitType type_in(const std::map<std::string_view, TraitType>& types, std::string_view name) {
  const auto known = types.find(name);
  return known == types.end() ? TraitType::text : known->second;
}

}  // namespace

std::vector<TypedTrait> typed_traits(const Event& event) {
  const auto types = types_of(event);
  std::vector<TypedTrait> out;
  for (const auto& [name, value] : event.traits)
    if (name != kTraitTypes) out.push_back({name, value, type_in(types, name)});
  return out;
}

TraitType trait_type(const Event& event, std::string_view name) {
  return type_in(types_of(event), name);
}

void append_trait_type(std::string& types, std::string_view name, TraitType type) {
  if (type == TraitType::text) return;
  if (!types.empty()) types += ' ';
  types.append(name).append("=").append(to_string(type));
}

std::string_view trait(const Event& event, std::string_view name) {
  return event.traits.get(name);
}

}  // namespace sentinella
