#include "telemetry/event_definitions.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fnmatch.h>

#include "base/json.h"
#include "base/text.h"
#include "telemetry/cut_text.h"
#include "telemetry/datetime.h"
#include "telemetry/value_source.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

struct TraitSource {
  std::string name;
  TraitType type;
  ValueSource source;
};

std::optional<std::int64_t> whole_of(const json::value& value) {
  if (const auto* i = value.if_int64()) return *i;
  if (value.is_bool()) return value.get_bool() ? 1 : 0;
  const auto* d = value.if_double();
  const auto number = d != nullptr        ? std::optional(*d)
                      : value.is_string() ? parse_double(trim(std::string_view(value.get_string())))
                                          : std::nullopt;
  if (!number || !(std::fabs(*number) < 9.2e18)) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<double> real_of(const json::value& value) {
  if (value.is_number()) return value.to_number<double>();
  if (value.is_bool()) return value.get_bool() ? 1.0 : 0.0;
  if (value.is_string()) return parse_double(trim(std::string_view(value.get_string())));
  return std::nullopt;
}

/// Whether the value is of the trait's type, and so was added.
bool add_trait(Traits& traits, const TraitSource& spec, const json::value& value) {
  const auto* text = value.if_string();
  if (spec.type == TraitType::text) {
    traits.add(spec.name, first_characters(text ? std::string_view(*text) : json::serialize(value)));
    return true;
  }
  if (text && text->empty()) return false;
  const auto add_number = [&](const auto& number) {
    if (!number) return false;
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, *number);
    traits.add(spec.name, {buffer, end.ptr});
    return true;
  };
  if (spec.type == TraitType::integer) return add_number(whole_of(value));
  if (spec.type == TraitType::real) return add_number(real_of(value));
  const auto time = text ? parse_datetime(std::string_view(*text)) : std::nullopt;
  if (time) traits.add(spec.name, to_rfc3339(*time));
  return time.has_value();
}

Result<TraitSource> compile_trait(std::string_view name, const json::value& spec) {
  if (name.empty() || name.find_first_of("= ") != std::string_view::npos)
    return fail(Errc::kInvalid, "the trait's name \"{}\" holds a blank or an equals sign", name);
  TraitType type = TraitType::text;
  if (const auto* object = spec.if_object()) {
    SENT_TRY(only_fields(*object, {"fields", "type", "plugin"}));
    if (const auto* word = object->if_contains("type")) {
      const auto known = parse_trait_type(word->is_string() ? std::string_view(word->get_string()) : "");
      if (!known)
        return fail(Errc::kInvalid, "the trait {} has a type other than text, int, float, datetime", name);
      type = *known;
    }
  }
  auto source = ValueSource::compile(spec, ValueSource::PlainText::path);
  if (!source) return fail(Errc::kInvalid, "the trait {}: {}", name, describe(source.error()));
  return TraitSource{std::string(name), type, *std::move(source)};
}

/// What every event has.
constexpr std::string_view kDefaultTraits = R"(
service: {fields: publisher_id}
request_id: {fields: ctxt.request_id}
project_id: {fields: [payload.tenant_id, ctxt.project_id]}
tenant_id: {fields: [payload.tenant_id, ctxt.project_id]}
user_id: {fields: [payload.user_id, ctxt.user_id]}
)";

}  // namespace

struct EventDefinitions::Definition {
  std::vector<std::string> wanted, unwanted;
  std::vector<TraitSource> traits;  ///< by name

  bool matches(const std::string& type) const {
    const auto fits = [&](const std::string& glob) {
      return fnmatch(glob.c_str(), type.c_str(), FNM_NOESCAPE) == 0;
    };
    return std::ranges::none_of(unwanted, fits) && std::ranges::any_of(wanted, fits);
  }

  static Result<std::unique_ptr<const Definition>> compile(const json::object& spec,
                                                           const json::object& default_traits);
  Result<void> read_types(const json::value& types);
};

Result<void> EventDefinitions::Definition::read_types(const json::value& types) {
  const json::array several = types.is_array() ? types.get_array() : json::array{types};
  for (const json::value& one : several) {
    if (!one.is_string())
      return fail_field(Errc::kInvalid, "event_type", "must be a glob or a list of globs");
    const std::string glob(one.get_string());
    if (glob.starts_with('!'))
      unwanted.push_back(glob.substr(1));
    else
      wanted.push_back(glob);
  }
  if (wanted.empty()) wanted.emplace_back("*");
  return {};
}

Result<std::unique_ptr<const EventDefinitions::Definition>> EventDefinitions::Definition::compile(
    const json::object& spec, const json::object& default_traits) {
  auto made = std::make_unique<Definition>();
  const auto* types = spec.if_contains("event_type");
  if (types == nullptr) return fail_field(Errc::kInvalid, "event_type", "is missing");
  SENT_TRY(made->read_types(*types));
  json::object traits = default_traits;
  if (const auto* own = spec.if_contains("traits"); own != nullptr && own->is_object())
    for (const auto& [name, trait] : own->get_object()) traits.insert_or_assign(name, trait);
  for (const auto& [name, trait] : traits) {
    SENT_TRY_ASSIGN(auto compiled, compile_trait(std::string_view(name), trait));
    made->traits.push_back(std::move(compiled));
  }
  std::ranges::sort(made->traits, {}, &TraitSource::name);
  return made;
}

EventDefinitions::EventDefinitions() = default;
EventDefinitions::~EventDefinitions() = default;
EventDefinitions::EventDefinitions(EventDefinitions&&) noexcept = default;
EventDefinitions& EventDefinitions::operator=(EventDefinitions&&) noexcept = default;

Result<EventDefinitions> EventDefinitions::parse(std::string_view yaml, Unmatched unmatched) {
  SENT_TRY_ASSIGN(const json::value document, read_yaml(yaml));
  SENT_TRY_ASSIGN(const json::value defaults, read_yaml(kDefaultTraits));
  EventDefinitions out;
  out.unmatched_ = unmatched;
  SENT_TRY_ASSIGN(out.fallback_, Definition::compile({{"event_type", "*"}}, defaults.get_object()));
  if (document.is_null()) return out;
  if (!document.is_array()) return fail(Errc::kInvalid, "event definitions must be a list");
  for (std::size_t i = 0; i < document.get_array().size(); ++i) {
    const auto* spec = document.get_array()[i].if_object();
    if (spec == nullptr) return fail(Errc::kInvalid, "definition {} is not a mapping", i + 1);
    auto definition = Definition::compile(*spec, defaults.get_object());
    if (!definition) return fail(Errc::kInvalid, "definition {}: {}", i + 1, describe(definition.error()));
    out.definitions_.push_back(*std::move(definition));
  }
  return out;
}

const EventDefinitions::Definition* EventDefinitions::matching(std::string_view event_type) {
  return by_type_.get(event_type, [&] {
    const Definition* found = unmatched_ == Unmatched::keep ? fallback_.get() : nullptr;
    const std::string type(event_type);
    for (const auto& definition : definitions_)
      if (definition->matches(type)) found = definition.get();
    return found;
  });
}

void EventDefinitions::plan_reading(std::string_view event_type, ReadPlan& plan) {
  if (const Definition* const definition = matching(event_type))
    for (const TraitSource& spec : definition->traits) spec.source.plan_reading(plan);
}

std::optional<Event> EventDefinitions::convert(const Notification& notification) {
  const Definition* const definition = matching(notification.event_type);
  if (definition == nullptr) return std::nullopt;
  Event event;
  event.id = notification.message_id;
  event.type = notification.event_type;
  event.time = notification.generated;
  std::string types;
  for (const TraitSource& spec : definition->traits) {
    Found found;
    const auto* value = spec.source.first(notification.source(), found);
    if (value == nullptr) continue;
    if (add_trait(event.traits, spec, *value)) append_trait_type(types, spec.name, spec.type);
  }
  if (!types.empty()) event.traits.add(kTraitTypes, types);
  return event;
}

}  // namespace sentinella::telemetry
