// Lenient reading of other programs' JSON: what is absent or of another kind is simply not there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/text.h"

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

/// "a.b" is the field b of the object a, "a.0" the first element of a list; null when there is no such thing.
inline const boost::json::value* value_at(const boost::json::value& root, std::string_view path) {
  const boost::json::value* value = &root;
  for (std::string_view part : split(path, '.')) {
    if (value->is_object()) {
      value = value->get_object().if_contains(part);
    } else if (value->is_array()) {
      const auto index = parse_uint(part);
      value = index ? value->get_array().if_contains(*index) : nullptr;
    } else {
      return nullptr;
    }
    if (!value) return nullptr;
  }
  return value;
}

}  // namespace sentinella::agent
