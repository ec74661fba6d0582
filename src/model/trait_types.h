// The types of an event's traits. A trait is text for whoever shows it; which of them are numbers or instants
// is written down in one more trait, kTraitTypes, so that events of any age are read alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.h"

namespace sentinella {

/// The numbers are Ceilometer's, on its wire and in its clients.
enum class TraitType : std::uint8_t { text = 1, integer = 2, real = 3, datetime = 4 };

/// "text", "integer", "float", "datetime": the words of Panko's API.
std::string_view to_string(TraitType type);
/// Those, and the words of definition files: "int".
std::optional<TraitType> parse_trait_type(std::string_view text);

/// The trait that tells the others' types: "vcpus=integer launched_at=datetime"; those it leaves out are
/// text. Names of traits hold neither '=' nor blanks.
inline constexpr std::string_view kTraitTypes = "@types";

struct TypedTrait {
  std::string_view name, value;
  TraitType type;
};
/// Every trait but kTraitTypes, in the event's order; views of the event.
std::vector<TypedTrait> typed_traits(const Event& event);
/// Of one of them; text when the event does not say.
TraitType trait_type(const Event& event, std::string_view name);
/// Adds a trait's type to the value of kTraitTypes; a text's is nothing.
void append_trait_type(std::string& types, std::string_view name, TraitType type);
/// The trait's value, or "".
std::string_view trait(const Event& event, std::string_view name);

}  // namespace sentinella
