#include "api/gnocchi/attributes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "api/gnocchi/filter.h"
#include "api/gnocchi/form.h"
#include "api/gnocchi/resource_id.h"

namespace sentinella::api::gnocchi {
namespace {

using catalog::AttributeKind;
using catalog::AttributeSpec;
using catalog::AttributeValue;

constexpr std::size_t kMaxName = 63;
constexpr std::array<std::string_view, 16> kTaken{"id",
                                                  "type",
                                                  "metrics",
                                                  "revision",
                                                  "revision_start",
                                                  "revision_end",
                                                  "ended_at",
                                                  "started_at",
                                                  "user_id",
                                                  "project_id",
                                                  "created_by_user_id",
                                                  "created_by_project_id",
                                                  "creator",
                                                  "get_metric",
                                                  "original_resource_id",
                                                  "lifespan"};

Outcome<AttributeValue> read_text(const boost::json::value& json, const AttributeSpec& spec,
                                  const Path& path) {
  if (!json.is_string()) return invalid_value("expected str", path);
  const auto length = static_cast<double>(text_length(json.get_string()));
  if (spec.max && length > *spec.max)
    return invalid_value(fmt::format("length of value must be at most {}", *spec.max), path);
  if (spec.min && length < *spec.min)
    return invalid_value(fmt::format("length of value must be at least {}", *spec.min), path);
  return AttributeValue(std::string(json.get_string()));
}

Outcome<AttributeValue> read_number(const boost::json::value& json, const AttributeSpec& spec,
                                    const Path& path) {
  if (!json.is_number()) return invalid_value("expected Real", path);
  const double number = json.to_number<double>();
  if (spec.max && number > *spec.max)
    return invalid_value(fmt::format("value must be at most {}", *spec.max), path);
  if (spec.min && number < *spec.min)
    return invalid_value(fmt::format("value must be at least {}", *spec.min), path);
  return AttributeValue(number);
}

Outcome<std::optional<double>> bound(const boost::json::object& object, std::string_view name,
                                     const Path& path) {
  const auto* found = object.if_contains(name);
  if (found == nullptr || found->is_null()) return std::nullopt;
  if (!found->is_number()) return invalid_value("expected Real", path / name);
  return found->to_number<double>();
}

Outcome<Time> read_time(const boost::json::value& json, Time now, const Path& path) {
  if (const auto time = time_of(json, now)) return *time;
  return invalid_value("Unable to parse timestamp", path);
}

}  // namespace

Outcome<AttributeValue> read_attribute(const boost::json::value& json, const AttributeSpec& spec,
                                       const Path& path, Time now) {
  if (json.is_null() && !spec.required) return AttributeValue{};
  switch (spec.kind) {
    case AttributeKind::string:
      return read_text(json, spec, path);
    case AttributeKind::number:
      return read_number(json, spec, path);
    case AttributeKind::boolean:
      if (!json.is_bool()) return invalid_value("expected bool", path);
      return AttributeValue(json.get_bool());
    case AttributeKind::uuid: {
      const auto id = json.is_string() ? any_uuid(json.get_string()) : std::nullopt;
      if (!id) return invalid_value("badly formed hexadecimal UUID string", path);
      return AttributeValue(to_text(*id));
    }
    case AttributeKind::datetime: {
      SENT_TRY_ASSIGN(const Time time, read_time(json, now, path));
      return AttributeValue(time);
    }
  }
  return AttributeValue{};
}

Outcome<void> check_attribute_name(std::string_view name, const Path& path) {
  const auto letter = [](char c) { return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > kMaxName || !letter(name.front()) ||
      std::ranges::find(kTaken, name) != kTaken.end())
    return invalid_input("not a valid value", path / name);
  return {};
}

Outcome<DefinedAttribute> read_attribute_definition(const boost::json::value& json, const Path& path) {
  SENT_TRY_ASSIGN(const auto* object, as_object(json, path));
  SENT_TRY_ASSIGN(const std::string kind_name, text_field(*object, "type", path));
  const auto kind = catalog::parse_attribute_kind(kind_name);
  if (!kind) return invalid_value("not a valid value", path / "type");
  DefinedAttribute defined;
  AttributeSpec& spec = defined.spec;
  spec.kind = *kind;
  std::vector<std::string_view> known{"type", "required", "options"};
  std::string_view least, most;
  if (*kind == AttributeKind::string) {
    least = "min_length";
    most = "max_length";
    spec.min = 0;
    spec.max = 255;
  } else if (*kind == AttributeKind::number) {
    least = "min";
    most = "max";
  }
  if (!least.empty()) known.insert(known.end(), {least, most});
  SENT_TRY(as_object(json, path, known));
  if (const auto* required = object->if_contains("required")) {
    if (!required->is_bool()) return invalid_value("expected bool", path / "required");
    spec.required = required->get_bool();
  }
  if (!least.empty()) {
    SENT_TRY_ASSIGN(const auto min, bound(*object, least, path));
    SENT_TRY_ASSIGN(const auto max, bound(*object, most, path));
    if (min) spec.min = min;
    if (max) spec.max = max;
    if (spec.min && spec.max && *spec.min > *spec.max) return invalid_value("not a valid value", path / most);
    if (*kind == AttributeKind::string && (*spec.min < 0 || *spec.max > 255))
      return invalid_value("value must be between 0 and 255", path / most);
  }
  if (const auto* options = object->if_contains("options")) {
    SENT_TRY_ASSIGN(const auto* fields, as_object(*options, path / "options", {"fill"}));
    defined.fill = fields->if_contains("fill");
  }
  return defined;
}

Outcome<void> read_attributes(const boost::json::object& body, const catalog::ResourceType& type, bool whole,
                              Time now, catalog::Resource& resource) {
  for (const auto& [field, value] : body) {
    const std::string key(field);
    if (key == "id" || key == "metrics") continue;
    if (key == "user_id") {
      SENT_TRY_ASSIGN(resource.user_id, optional_text_field(body, key, {}));
    } else if (key == "project_id") {
      SENT_TRY_ASSIGN(resource.project_id, optional_text_field(body, key, {}));
    } else if (key == "started_at") {
      SENT_TRY_ASSIGN(resource.started_at, read_time(value, now, {key}));
    } else if (key == "ended_at") {
      resource.ended_at.reset();
      if (value.is_null()) continue;
      SENT_TRY_ASSIGN(resource.ended_at, read_time(value, now, {key}));
    } else {
      const auto spec = type.attributes.find(key);
      if (spec == type.attributes.end()) return invalid_input("extra keys not allowed", {key});
      SENT_TRY_ASSIGN(resource.attributes[key], read_attribute(value, spec->second, {key}, now));
    }
  }
  if (whole)
    for (const auto& [name, spec] : type.attributes)
      if (spec.required && !resource.attributes.contains(name))
        return invalid_input("required key not provided", {name});
  if (resource.ended_at && *resource.ended_at < resource.started_at)
    return refuse(400, "Start timestamp cannot be after end timestamp");
  return {};
}

}  // namespace sentinella::api::gnocchi
