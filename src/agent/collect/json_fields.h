// Lenient reading of other programs' JSON: what is absent or of another kind is simply not there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace sentinella::agent {

inline const boost::json::value* field_of(const boost::json::value& value, std::string_view name) {
  return value.is_object() ? value.get_object().if_contains(name) : nullptr;
}

inline std::optional<double> number_in(const boost::json::value& value, std::string_view name) {
  const auto* field = field_of(value, name);
  return field && field->is_number() ? std::optional(field->to_number<double>()) : std::nullopt;
}

/// 1 or 0.
inline std::optional<double> flag_in(const boost::json::value& value, std::string_view name) {
  const auto* field = field_of(value, name);
  return field && field->is_bool() ? std::optional(field->get_bool() ? 1.0 : 0.0) : std::nullopt;
}

inline std::string text_in(const boost::json::value& value, std::string_view name) {
  const auto* field = field_of(value, name);
  return field && field->is_string() ? std::string(field->get_string()) : "";
}

/// The elements of a list, none when it is not one.
inline const boost::json::array& list_in(const boost::json::value& value, std::string_view name) {
  static const boost::json::array kNone;
  const auto* field = field_of(value, name);
  return field && field->is_array() ? field->get_array() : kNone;
}

}  // namespace sentinella::agent
