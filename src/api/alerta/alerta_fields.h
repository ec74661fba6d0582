// The fields of an alert that can be filtered by, sorted by and sought, under Alerta's names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/alerta/alarm_terms.h"
#include "model/alert.h"

namespace sentinella::api::alerta {

/// What the alert has there, as texts; "attributes.x" and "_.x" are its attribute x. nullopt: there is no
/// such field.
std::optional<std::vector<std::string>> field_values(const Alert& alert, std::string_view field,
                                                     const AlarmTerms& terms);

}  // namespace sentinella::api::alerta
