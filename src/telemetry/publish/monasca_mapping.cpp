#include "telemetry/publish/monasca_mapping.h"

#include "base/json.h"
#include "base/text.h"
#include "telemetry/publish/wire_forms.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {
namespace {

constexpr std::string_view kNothing = "None";

/// As it stands between dots: a name there may hold what a path's own names may not.
std::string path_of(std::string_view dotted) {
  std::string path = "$";
  for (const std::string_view name : split(dotted, '.')) path += fmt::format(".'{}'", name);
  return path;
}

}  // namespace

/// "status", "properties.image_type", or {image_type: $.properties.image_type}.
Result<MonascaMapping::Entry> MonascaMapping::read_entry(const boost::json::value& spec) {
  std::string name, path;
  if (spec.is_string()) {
    name = spec.get_string();
    // A member of just this name is preferred to a way through members.
    path = name.contains('.') ? fmt::format("$.'{}' | {}", name, path_of(name)) : path_of(name);
  } else if (spec.is_object() && spec.get_object().size() == 1 &&
             spec.get_object().begin()->value().is_string()) {
    name = spec.get_object().begin()->key();
    path = spec.get_object().begin()->value().get_string();
  } else {
    return fail(Errc::kInvalid, "must be a name, or one name with its path");
  }
  if (name.empty() || name.contains('\'')) return fail(Errc::kInvalid, "\"{}\" is no name of a field", name);
  SENT_TRY_ASSIGN(auto compiled, JsonPath::compile(path));
  return Entry{std::move(name), std::move(compiled)};
}

Result<MonascaMapping::Entries> MonascaMapping::read_entries(const boost::json::value& spec,
                                                             const std::string& place) {
  if (!spec.is_array()) return fail_field(Errc::kInvalid, place, "must be a list");
  Entries entries;
  for (const boost::json::value& one : spec.get_array()) {
    auto entry = read_entry(one);
    if (!entry) return fail_field(Errc::kInvalid, place, "{}", entry.error().message);
    entries.push_back(*std::move(entry));
  }
  return entries;
}

Result<MonascaMapping> MonascaMapping::parse(std::string_view yaml) {
  SENT_TRY_ASSIGN(const boost::json::value document, read_yaml(yaml));
  const auto* top = document.if_object();
  if (top == nullptr) return fail(Errc::kInvalid, "must be a mapping with dimensions and metadata");
  SENT_TRY(only_fields(*top, {"dimensions", "metadata"}));
  MonascaMapping made;
  SENT_TRY_ASSIGN(made.dimensions_, optional_strings(*top, "dimensions"));
  if (made.dimensions_.empty()) return fail_field(Errc::kInvalid, "dimensions", "is missing");
  const auto* metadata = top->if_contains("metadata");
  if (metadata == nullptr) return made;
  if (!metadata->is_object()) return fail_field(Errc::kInvalid, "metadata", "must be a mapping");
  for (const auto& [meter, spec] : metadata->get_object()) {
    SENT_TRY_ASSIGN(auto entries, read_entries(spec, fmt::format("metadata.{}", std::string_view(meter))));
    if (meter == "common")
      made.common_ = std::move(entries);
    else
      made.of_meters_.emplace(meter, std::move(entries));
  }
  return made;
}

boost::json::object MonascaMapping::dimensions(const MeterSample& sample) const {
  const boost::json::object fields = plain_sample(sample);
  boost::json::object out;
  for (const std::string& name : dimensions_) {
    const auto* value = fields.if_contains(name);
    if (value != nullptr && value->is_number())
      out[name] = fmt::format("{}", value->to_number<double>());
    else if (value != nullptr && value->is_string() && !value->get_string().empty())
      out[name] = *value;
    else
      out[name] = kNothing;  // no other fields of a sample are simple
  }
  return out;
}

void MonascaMapping::add(const Entries& entries, const boost::json::value& metadata,
                         boost::json::object& out) {
  for (const auto& [name, path] : entries) {
    Found found;
    const auto* value = path.first(metadata, found);
    out[name] = value == nullptr || value->is_structured() ? boost::json::value(kNothing) : *value;
  }
}

boost::json::object MonascaMapping::value_meta(const MeterSample& sample) const {
  boost::json::object out;
  if (sample.resource_metadata().empty()) return out;
  const boost::json::value metadata(sample.resource_metadata());
  add(common_, metadata, out);
  if (const auto own = of_meters_.find(sample.name); own != of_meters_.end()) add(own->second, metadata, out);
  return out;
}

}  // namespace sentinella::telemetry
