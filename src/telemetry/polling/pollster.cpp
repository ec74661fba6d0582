#include "telemetry/polling/pollster.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxEntries = 100'000;

Result<std::optional<JsonPath>> path_option(const json::object& spec, std::string_view name,
                                            std::string_view fallback) {
  SENT_TRY_ASSIGN(const auto text, optional_string(spec, name));
  const std::string wanted = text.value_or(std::string(fallback));
  if (wanted.empty()) return std::nullopt;
  auto path = JsonPath::compile(wanted);
  if (!path) return fail_field(Errc::kInvalid, name, "{}", path.error().message);
  return *std::move(path);
}

std::optional<std::string> text_by(const std::optional<JsonPath>& path, const json::value& entry) {
  if (!path) return std::nullopt;
  Found found;
  const auto* value = path->first(entry, found);
  if (value == nullptr) return std::nullopt;
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

std::string key_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

const json::array* entries_of(const json::value& answer, const std::string& key) {
  if (answer.is_array()) return &answer.get_array();
  const auto* object = answer.if_object();
  if (object == nullptr) return nullptr;
  if (!key.empty()) {
    const auto* found = object->if_contains(key);
    return found == nullptr ? nullptr : found->if_array();
  }
  for (const auto& member : *object)
    if (member.value().is_array()) return &member.value().get_array();
  return nullptr;
}

}  // namespace

Result<std::vector<Pollster>> Pollster::parse_all(std::string_view yaml) {
  SENT_TRY_ASSIGN(const json::value document, read_yaml(yaml));
  std::vector<Pollster> all;
  if (document.is_null()) return all;
  if (!document.is_array()) return fail(Errc::kInvalid, "pollsters must be a list");
  for (std::size_t i = 0; i < document.get_array().size(); ++i) {
    const auto* spec = document.get_array()[i].if_object();
    if (spec == nullptr) return fail(Errc::kInvalid, "pollster {} is not a mapping", i + 1);
    auto one = parse(*spec);
    if (!one) return fail(Errc::kInvalid, "pollster {}: {}", i + 1, describe(one.error()));
    all.push_back(*std::move(one));
  }
  return all;
}

Result<Pollster> Pollster::parse(const json::object& spec) {
  SENT_TRY(only_fields(spec, {"name",
                              "sample_type",
                              "unit",
                              "endpoint_type",
                              "url_path",
                              "response_entries_key",
                              "value_attribute",
                              "value_mapping",
                              "default_value",
                              "skip_sample_values",
                              "resource_id_attribute",
                              "project_id_attribute",
                              "user_id_attribute",
                              "metadata_fields",
                              "metadata_mapping",
                              "preserve_mapped_metadata",
                              "next_sample_url_attribute",
                              "headers",
                              "per_project",
                              "fold"}));
  Pollster made;
  SENT_TRY_ASSIGN(made.name_, required_string(spec, "name"));
  SENT_TRY_ASSIGN(const std::string type, required_string(spec, "sample_type"));
  const auto known = parse_meter_type(type);
  if (!known) return fail_field(Errc::kInvalid, "sample_type", "must be gauge, delta or cumulative");
  made.type_ = *known;
  SENT_TRY_ASSIGN(made.unit_, required_string(spec, "unit"));
  SENT_TRY_ASSIGN(made.endpoint_type_, required_string(spec, "endpoint_type"));
  SENT_TRY_ASSIGN(made.url_path_, required_string(spec, "url_path"));
  SENT_TRY_ASSIGN(const auto key, optional_string(spec, "response_entries_key"));
  made.entries_key_ = key.value_or("");
  const auto* value = spec.if_contains("value_attribute");
  if (value != nullptr && value->is_number()) {
    made.fixed_value_ = value->to_number<double>();
  } else {
    SENT_TRY_ASSIGN(made.value_, path_option(spec, "value_attribute", ""));
    if (!made.value_) return fail_field(Errc::kInvalid, "value_attribute", "is missing");
  }
  SENT_TRY_ASSIGN(made.resource_, path_option(spec, "resource_id_attribute", "id"));
  SENT_TRY_ASSIGN(made.project_, path_option(spec, "project_id_attribute", "project_id | tenant_id"));
  SENT_TRY_ASSIGN(made.user_, path_option(spec, "user_id_attribute", "user_id"));
  SENT_TRY_ASSIGN(made.next_, path_option(spec, "next_sample_url_attribute", ""));
  SENT_TRY_ASSIGN(made.default_value_, optional_number(spec, "default_value"));
  if (const auto* mapping = spec.if_contains("value_mapping"); mapping != nullptr && mapping->is_object()) {
    for (const auto& [from, to] : mapping->get_object()) {
      if (!to.is_number()) return fail_field(Errc::kInvalid, "value_mapping", "maps to numbers");
      made.mapping_.emplace(std::string_view(from), to.to_number<double>());
    }
  }
  if (const auto* skip = spec.if_contains("skip_sample_values"); skip != nullptr && skip->is_array())
    made.skipped_.assign(skip->get_array().begin(), skip->get_array().end());
  SENT_TRY_ASSIGN(const auto fields, optional_strings(spec, "metadata_fields"));
  for (const std::string& field : fields) {
    auto path = JsonPath::compile(field);
    if (!path) return fail_field(Errc::kInvalid, "metadata_fields", "{}", path.error().message);
    made.metadata_.emplace_back(field, *std::move(path));
  }
  if (const auto* renamed = spec.if_contains("metadata_mapping"); renamed != nullptr && renamed->is_object())
    for (const auto& [from, to] : renamed->get_object())
      if (to.is_string()) made.renamed_.emplace(std::string_view(from), std::string_view(to.get_string()));
  SENT_TRY_ASSIGN(const auto keep, optional_bool(spec, "preserve_mapped_metadata"));
  made.keep_renamed_ = keep.value_or(true);
  SENT_TRY_ASSIGN(const auto per_project, optional_bool(spec, "per_project"));
  made.per_project_ = per_project.value_or(false);
  SENT_TRY_ASSIGN(const auto fold, optional_string(spec, "fold"));
  if (fold && *fold != "sum" && *fold != "count")
    return fail_field(Errc::kInvalid, "fold", "must be sum or count");
  if (fold && !made.per_project_)
    return fail_field(Errc::kInvalid, "fold", "needs per_project: its sample is about a project");
  if (fold) made.fold_ = *fold == "sum" ? Fold::sum : Fold::count;
  if (const auto* headers = spec.if_contains("headers"); headers != nullptr && headers->is_array())
    for (const json::value& one : headers->get_array())
      if (one.is_object())
        for (const auto& [header, text] : one.get_object())
          made.headers_.emplace_back(std::string_view(header), key_of(text));
  return made;
}

std::optional<double> Pollster::value_of(const json::value& entry) const {
  if (fixed_value_) return fixed_value_;
  Found found;
  const auto* value = value_->first(entry, found);
  if (value == nullptr) return default_value_;
  if (std::ranges::find(skipped_, *value) != skipped_.end()) return std::nullopt;
  if (const auto mapped = mapping_.find(key_of(*value)); mapped != mapping_.end()) return mapped->second;
  if (!mapping_.empty()) return default_value_;
  if (value->is_number()) return value->to_number<double>();
  if (value->is_bool()) return value->get_bool() ? 1 : 0;
  const auto number = value->is_string() ? parse_double(std::string_view(value->get_string())) : std::nullopt;
  return number ? number : default_value_;
}

Metadata Pollster::metadata_of(const json::value& entry) const {
  auto out = std::make_shared<json::object>();
  for (const auto& [field, path] : metadata_) {
    Found found;
    const auto* value = path.first(entry, found);
    if (value == nullptr) continue;
    const auto renamed = renamed_.find(field);
    if (renamed != renamed_.end()) (*out)[renamed->second] = *value;
    if (renamed == renamed_.end() || keep_renamed_) (*out)[field] = *value;
  }
  return out;
}

MeterSample Pollster::sample_of(double value, std::string resource, Time now) const {
  MeterSample sample;
  sample.name = name_;
  sample.type = type_;
  sample.unit = unit_;
  sample.volume = value;
  sample.resource_id = std::move(resource);
  sample.timestamp = now;
  return sample;
}

MeterSample Pollster::folded(const json::array& entries, Time now, const std::string& project) const {
  double value = fold_ == Fold::count ? static_cast<double>(entries.size()) : 0;
  if (fold_ == Fold::sum)
    for (const json::value& entry : entries) value += value_of(entry).value_or(0);
  MeterSample sample = sample_of(value, project, now);
  sample.project_id = project;
  return sample;
}

std::vector<MeterSample> Pollster::samples(const json::value& answer, Time now,
                                           const std::string& project) const {
  std::vector<MeterSample> out;
  const auto* entries = entries_of(answer, entries_key_);
  if (entries == nullptr) return out;
  if (fold_ != Fold::none) return {folded(*entries, now, project)};
  for (const json::value& entry : *entries) {
    if (out.size() >= kMaxEntries) break;
    const auto value = value_of(entry);
    const auto resource = text_by(resource_, entry);
    if (!value || !std::isfinite(*value) || !resource || resource->empty()) continue;
    MeterSample sample = sample_of(*value, project.empty() ? *resource : project + "/" + *resource, now);
    sample.project_id = project.empty() ? text_by(project_, entry) : project;
    sample.user_id = text_by(user_, entry);
    sample.metadata = metadata_of(entry);
    out.push_back(std::move(sample));
  }
  return out;
}

std::string Pollster::next_url(const json::value& answer) const {
  return text_by(next_, answer).value_or("");
}

}  // namespace sentinella::telemetry
