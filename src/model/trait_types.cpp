#include "model/trait_types.h"

#include <algorithm>
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

std::vector<std::pair<const Label*, TraitType>> typed_traits(const Event& event) {
  const auto types = types_of(event);
  std::vector<std::pair<const Label*, TraitType>> out;
  for (const Label& label : event.traits)
    if (label.name != kTraitTypes) out.emplace_back(&label, type_in(types, label.name));
  return out;
}

TraitType trait_type(const Event& event, std::string_view name) {
  return type_in(types_of(event), name);
}

void add_trait_types(Event& event, const std::vector<std::pair<std::string_view, TraitType>>& types) {
  std::string text;
  for (const auto& [name, type] : types) {
    if (type == TraitType::text) continue;
    if (!text.empty()) text += ' ';
    text.append(name).append("=").append(to_string(type));
  }
  if (!text.empty()) event.traits.push_back({std::string(kTraitTypes), std::move(text)});
}

std::string_view trait(const Event& event, std::string_view name) {
  const auto found = std::ranges::find(event.traits, name, &Label::name);
  return found == event.traits.end() ? std::string_view() : std::string_view(found->value);
}

}  // namespace sentinella
