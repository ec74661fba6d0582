#include "telemetry/publish/resource_kinds.h"

#include <algorithm>
#include <ranges>

#include <fnmatch.h>

#include "base/json.h"
#include "base/text.h"
#include "model/trait_types.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

/// "5 minutes", "30 days", a number of seconds, and how we write spans: "5m".
Result<Duration> span_of(const json::value& value) {
  if (value.is_number()) {
    const double seconds = value.to_number<double>();
    if (seconds > 0 && seconds < 1e9) return Duration(static_cast<std::int64_t>(seconds * 1e9));
  }
  std::string text(value.is_string() ? std::string_view(value.get_string()) : "");
  static constexpr std::pair<std::string_view, std::string_view> kUnits[] = {
      {" seconds", "s"}, {" second", "s"}, {" minutes", "m"}, {" minute", "m"},
      {" hours", "h"},   {" hour", "h"},   {" days", "d"},    {" day", "d"}};
  for (const auto& [word, unit] : kUnits)
    if (text.ends_with(word)) text.replace(text.size() - word.size(), word.size(), unit);
  const auto span = parse_duration(text);
  if (!span || *span <= Duration::zero())
    return fail(Errc::kInvalid, "\"{}\" is no span such as \"5 minutes\"", text);
  return *span;
}

Result<catalog::RollUp> read_roll_up(const json::value& spec) {
  const auto* object = spec.if_object();
  if (object == nullptr || !object->contains("granularity"))
    return fail_field(Errc::kInvalid, "definition", "has no granularity");
  catalog::RollUp out;
  SENT_TRY_ASSIGN(out.granularity, span_of(object->at("granularity")));
  if (const auto* span = object->if_contains("timespan")) {
    SENT_TRY_ASSIGN(const Duration kept, span_of(*span));
    out.points = static_cast<std::uint64_t>(kept / out.granularity);
  }
  SENT_TRY_ASSIGN(const auto points, optional_number(*object, "points"));
  if (points && *points >= 1) out.points = static_cast<std::uint64_t>(*points);
  return out;
}

Result<catalog::ArchivePolicy> read_policy(const json::value& spec) {
  const auto* object = spec.if_object();
  if (object == nullptr) return fail_field(Errc::kInvalid, "archive_policies", "must be a list of mappings");
  catalog::ArchivePolicy policy;
  SENT_TRY_ASSIGN(policy.name, required_string(*object, "name"));
  SENT_TRY_ASSIGN(policy.methods, optional_strings(*object, "aggregation_methods"));
  if (policy.methods.empty()) policy.methods = {"mean"};
  SENT_TRY_ASSIGN(const auto back_window, optional_number(*object, "back_window"));
  policy.back_window = static_cast<std::int64_t>(back_window.value_or(0));
  const auto* definition = object->if_contains("definition");
  if (definition == nullptr || !definition->is_array() || definition->get_array().empty())
    return fail_field(Errc::kInvalid, "definition", "of the archive policy {} is missing", policy.name);
  for (const json::value& one : definition->get_array()) {
    SENT_TRY_ASSIGN(auto roll_up, read_roll_up(one));
    policy.roll_ups.push_back(roll_up);
  }
  return policy;
}

Result<std::vector<std::string>> one_or_several(const json::object& spec, std::string_view name) {
  const auto* value = spec.if_contains(name);
  if (value != nullptr && value->is_string()) return std::vector{std::string(value->get_string())};
  return optional_strings(spec, name);
}

/// `json` is the name of an attribute, or Ceilometer's search with that name in it.
Result<std::string> associated_attribute(const json::value& value) {
  if (!value.is_string()) return fail_field(Errc::kInvalid, "event_associated_resources", "must be texts");
  const std::string_view text = value.get_string();
  if (!text.starts_with('{')) return std::string(text);
  SENT_TRY_ASSIGN(const auto search, parse_json_object(text));
  const auto* equals = search.size() == 1 ? search.if_contains("=") : nullptr;
  if (equals == nullptr || !equals->is_object() || equals->get_object().size() != 1)
    return fail_field(Errc::kInvalid, "event_associated_resources", "{} is not {{\"=\": {{NAME: \"%s\"}}}}",
                      text);
  return std::string(equals->get_object().begin()->key());
}

Result<void> read_events(const json::object& spec, ResourceKind& kind) {
  SENT_TRY_ASSIGN(kind.event_create, one_or_several(spec, "event_create"));
  SENT_TRY_ASSIGN(kind.event_update, one_or_several(spec, "event_update"));
  SENT_TRY_ASSIGN(kind.event_delete, one_or_several(spec, "event_delete"));
  if (const auto* traits = spec.if_contains("event_attributes"); traits != nullptr && traits->is_object())
    for (const auto& [name, trait] : traits->get_object())
      if (trait.is_string())
        kind.event_attributes.emplace_back(std::string(name), std::string(trait.get_string()));
  if (const auto* others = spec.if_contains("event_associated_resources");
      others != nullptr && others->is_object()) {
    for (const auto& [type, value] : others->get_object()) {
      SENT_TRY_ASSIGN(auto attribute, associated_attribute(value));
      kind.associated.emplace_back(std::string(type), std::move(attribute));
    }
  }
  const auto* types = spec.if_contains("attribute_types");
  if (types == nullptr || !types->is_object()) return {};
  for (const auto& [name, word] : types->get_object()) {
    const auto known =
        catalog::parse_attribute_kind(word.is_string() ? std::string_view(word.get_string()) : "");
    if (!known)
      return fail_field(Errc::kInvalid, "attribute_types", "{} has no known type", std::string_view(name));
    kind.attribute_types[std::string(name)] = *known;
  }
  return {};
}

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
  SENT_TRY(read_events(spec, kind));
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
  SENT_TRY_ASSIGN(const auto usual, optional_string(*top, "archive_policy_default"));
  out.default_policy_ = usual.value_or("");
  if (const auto* policies = top->if_contains("archive_policies"); policies && policies->is_array()) {
    for (const json::value& one : policies->get_array()) {
      SENT_TRY_ASSIGN(auto policy, read_policy(one));
      out.policies_.push_back(std::move(policy));
    }
  }
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
    for (const auto& [glob, says] : kind.metrics | std::views::reverse)
      if (fnmatch(glob.c_str(), name.c_str(), FNM_NOESCAPE) == 0) {
        policy = says;
        return &kind;
      }
  return nullptr;
}

std::set<std::string> ResourceKinds::associated_attributes() const {
  std::set<std::string> names;
  for (const ResourceKind& kind : kinds_)
    for (const auto& [type, attribute] : kind.associated) names.insert(attribute);
  return names;
}

std::vector<std::pair<const ResourceKind*, ResourceAct>> ResourceKinds::of_event(
    std::string_view type) const {
  const std::string name(type);
  const auto any = [&](const std::vector<std::string>& globs) {
    return std::ranges::any_of(
        globs, [&](const auto& glob) { return fnmatch(glob.c_str(), name.c_str(), FNM_NOESCAPE) == 0; });
  };
  std::vector<std::pair<const ResourceKind*, ResourceAct>> out;
  for (const ResourceKind& kind : kinds_) {
    if (any(kind.event_delete))
      out.emplace_back(&kind, ResourceAct::end);
    else if (any(kind.event_create))
      out.emplace_back(&kind, ResourceAct::create);
    else if (any(kind.event_update))
      out.emplace_back(&kind, ResourceAct::update);
  }
  return out;
}

catalog::ResourceType ResourceKind::catalog_type() const {
  static constexpr double kLongest = 255;
  catalog::ResourceType out{type, {}};
  const auto add = [&](const std::string& name) {
    if (name == "id" || name == "user_id" || name == "project_id") return;
    const auto said = attribute_types.find(name);
    catalog::AttributeSpec spec{
        said == attribute_types.end() ? catalog::AttributeKind::string : said->second, false, {}, {}};
    if (spec.kind == catalog::AttributeKind::string) {
      spec.min = 0;
      spec.max = kLongest;
    }
    out.attributes[name] = spec;
  };
  for (const auto& [name, source] : attributes) add(name);
  for (const auto& [name, trait] : event_attributes) add(name);
  return out;
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

json::object attributes_of(const ResourceKind& kind, const Event& event) {
  json::object out;
  for (const auto& [name, from] : kind.event_attributes)
    if (const std::string_view value = trait(event, from); !value.empty()) out[name] = value;
  if (!out.contains("id"))
    if (const std::string_view id = trait(event, "resource_id"); !id.empty()) out["id"] = id;
  return out;
}

}  // namespace sentinella::telemetry
