#include "telemetry/publish/resource_kinds.h"

#include <ranges>

#include <fnmatch.h>

#include "base/json.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

Result<ResourceKind> compile(const json::object& spec) {
  ResourceKind kind;
  SENT_TRY_ASSIGN(kind.type, required_string(spec, "resource_type"));
  const auto* metrics = spec.if_contains("metrics");
  if (metrics != nullptr && metrics->is_object()) {
    for (const auto& [name, value] : metrics->get_object()) {
      std::string policy;
      if (const auto* options = value.if_object()) {
        SENT_TRY_ASSIGN(auto named, optional_string(*options, "archive_policy_name"));
        policy = named.value_or("");
      }
      kind.metrics.emplace_back(std::string(std::string_view(name)), std::move(policy));
    }
  } else {
    SENT_TRY_ASSIGN(const auto names, optional_strings(spec, "metrics"));
    for (const std::string& name : names) kind.metrics.emplace_back(name, "");
  }
  const auto* attributes = spec.if_contains("attributes");
  if (attributes == nullptr || attributes->is_null()) return kind;
  if (!attributes->is_object()) return fail_field(Errc::kInvalid, "attributes", "must be a mapping");
  for (const auto& [name, path] : attributes->get_object()) {
    auto source = ValueSource::compile(path, ValueSource::PlainText::path);
    if (!source)
      return fail_field(Errc::kInvalid, "attributes", "{}: {}", std::string_view(name),
                        describe(source.error()));
    kind.attributes.emplace_back(std::string(std::string_view(name)), *std::move(source));
  }
  return kind;
}

}  // namespace

Result<ResourceKinds> ResourceKinds::parse(std::string_view yaml) {
  SENT_TRY_ASSIGN(const json::value document, read_yaml(yaml));
  const auto* top = document.if_object();
  const auto* resources = top == nullptr ? nullptr : top->if_contains("resources");
  if (resources == nullptr || !resources->is_array())
    return fail_field(Errc::kInvalid, "resources", "must be the list of definitions");
  ResourceKinds out;
  for (std::size_t i = 0; i < resources->get_array().size(); ++i) {
    const auto* spec = resources->get_array()[i].if_object();
    if (spec == nullptr) return fail(Errc::kInvalid, "definition {} is not a mapping", i + 1);
    auto kind = compile(*spec);
    if (!kind) return fail(Errc::kInvalid, "definition {}: {}", i + 1, describe(kind.error()));
    out.kinds_.push_back(*std::move(kind));
  }
  return out;
}

const ResourceKind* ResourceKinds::of(std::string_view meter, std::string& policy) const {
  const std::string name(meter);
  for (const ResourceKind& kind : kinds_ | std::views::reverse)
    for (const auto& [glob, says] : kind.metrics)
      if (fnmatch(glob.c_str(), name.c_str(), FNM_NOESCAPE) == 0) {
        policy = says;
        return &kind;
      }
  return nullptr;
}

json::object attributes_of(const ResourceKind& kind, const MeterSample& sample) {
  json::object out;
  if (kind.attributes.empty()) return out;
  const json::value wire = sample_to_wire(sample);
  for (const auto& [name, source] : kind.attributes) {
    Found found;
    const auto* value = source.first(wire, found);
    const bool empty = value != nullptr && value->is_string() && value->get_string().empty();
    if (value != nullptr && !empty) out[name] = *value;
  }
  return out;
}

}  // namespace sentinella::telemetry
