#include "telemetry/value_source.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

Result<std::vector<JsonPath>> compile_fields(const json::value& fields) {
  std::vector<JsonPath> paths;
  const auto one = [&](const json::value& text) -> Result<void> {
    if (!text.is_string()) return fail_field(Errc::kInvalid, "fields", "must be a path or a list of paths");
    SENT_TRY_ASSIGN(auto path, JsonPath::compile(std::string_view(text.get_string())));
    paths.push_back(std::move(path));
    return {};
  };
  if (const auto* several = fields.if_array()) {
    for (const json::value& text : *several) SENT_TRY(one(text));
  } else {
    SENT_TRY(one(fields));
  }
  if (paths.empty()) return fail_field(Errc::kInvalid, "fields", "names no path");
  return paths;
}

Result<std::unique_ptr<const ValuePlugin>> compile_plugin(const json::value& plugin) {
  if (plugin.is_string()) return make_value_plugin(std::string_view(plugin.get_string()), {});
  const auto* object = plugin.if_object();
  const auto* name = object == nullptr ? nullptr : object->if_contains("name");
  if (name == nullptr || !name->is_string()) return fail_field(Errc::kInvalid, "plugin", "has no name");
  const auto* parameters = object->if_contains("parameters");
  if (parameters != nullptr && !parameters->is_object() && !parameters->is_null())
    return fail_field(Errc::kInvalid, "plugin.parameters", "must be a mapping");
  return make_value_plugin(
      std::string_view(name->get_string()),
      parameters == nullptr || parameters->is_null() ? json::object() : parameters->get_object());
}

}  // namespace

Result<ValueSource> ValueSource::compile(const json::value& spec, PlainText plain) {
  ValueSource source;
  if (spec.is_number()) {
    source.literal_ = spec;
  } else if (const auto* text = spec.if_string()) {
    if (plain == PlainText::literal && !text->starts_with('$')) {
      source.literal_ = spec;
    } else {
      SENT_TRY_ASSIGN(source.paths_, compile_fields(spec));
    }
  } else if (const auto* object = spec.if_object()) {
    const auto* fields = object->if_contains("fields");
    if (fields == nullptr) return fail_field(Errc::kInvalid, "fields", "is missing");
    SENT_TRY_ASSIGN(source.paths_, compile_fields(*fields));
    if (const auto* plugin = object->if_contains("plugin"); plugin != nullptr && !plugin->is_null()) {
      SENT_TRY_ASSIGN(source.plugin_, compile_plugin(*plugin));
    }
  } else if (spec.is_array()) {
    SENT_TRY_ASSIGN(source.paths_, compile_fields(spec));
  } else {
    return fail(Errc::kInvalid, "a value is neither a path, a number nor {{fields, plugin}}");
  }
  return source;
}

void ValueSource::run_plugin(const PathSource& source, Found& found) const {
  Found matches;
  for (const JsonPath& path : paths_) path.find(source, matches);
  plugin_->apply(source, matches, found);
}

void ValueSource::find(const PathSource& source, Found& found) const {
  if (paths_.empty()) return found.add(literal_);
  if (plugin_) return run_plugin(source, found);
  for (const JsonPath& path : paths_) path.find(source, found);
}

const json::value* ValueSource::first(const PathSource& source, Found& found) const {
  if (paths_.empty()) return &literal_;
  if (plugin_) {
    const std::size_t before = found.size();
    run_plugin(source, found);
    return found.size() > before ? &found[before] : nullptr;
  }
  for (const JsonPath& path : paths_)
    if (const auto* value = path.first(source, found)) return value;
  return nullptr;
}

void ValueSource::plan_reading(ReadPlan& plan) const {
  for (const JsonPath& path : paths_) path.plan_reading(plan);
  if (plugin_) plugin_->plan_reading(plan);
}

}  // namespace sentinella::telemetry
