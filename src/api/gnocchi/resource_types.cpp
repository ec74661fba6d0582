#include "api/gnocchi/attributes.h"
#include "api/gnocchi/form.h"
#include "api/gnocchi/handlers.h"
#include "api/gnocchi/objects.h"
#include "api/gnocchi/things.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr std::string_view kPath = "/attributes/";

Failure no_type(const std::string& name) {
  return refuse(404, "Resource type {} does not exist", name);
}

Reply type_answer(const Call& call, const catalog::ResourceType& type) {
  JsonText json = call.json();
  write_type(json, type);
  return json_answer(std::move(json));
}

/// One step of a JSON Patch (RFC 6902), of which only add and remove of attributes are taken.
struct Step {
  bool add = false;
  std::string name;
  DefinedAttribute defined = {};
};

Outcome<Step> read_step(const boost::json::value& json, const Path& path) {
  SENT_TRY_ASSIGN(const auto* object, as_object(json, path, {"op", "path", "value"}));
  SENT_TRY_ASSIGN(const std::string op, text_field(*object, "op", path));
  if (op != "add" && op != "remove") return invalid_value("not a valid value", path / "op");
  SENT_TRY_ASSIGN(const std::string where, text_field(*object, "path", path));
  Step step;
  step.add = op == "add";
  if (!where.starts_with(kPath)) return invalid_value("not a valid value", path / "path");
  step.name = where.substr(kPath.size());
  if (!step.add) return step;
  SENT_TRY(check_attribute_name(step.name, path));
  SENT_TRY_ASSIGN(const auto* value, required(*object, "value", path));
  SENT_TRY_ASSIGN(step.defined, read_attribute_definition(*value, path / "value"));
  return step;
}

Outcome<void> add(const Call& call, catalog::ResourceEdit& edit, const std::string& type, const Step& step) {
  const auto& known = edit.rules().type(type)->attributes;
  const auto before = known.find(step.name);
  const auto bad_fill = [&](std::string_view why) {
    return refuse(400, "Invalid input: Option 'fill' of resource attribute {} is invalid: {}", step.name,
                  why);
  };
  if (before != known.end()) {
    if (before->second.kind != step.defined.spec.kind)
      return refuse(400, "Invalid input: the type of attribute {} cannot be changed", step.name);
    catalog::ResourceType next = *edit.rules().type(type);
    next.attributes[step.name] = step.defined.spec;
    SENT_TRY(edit.put_type(next));
    return {};
  }
  catalog::AttributeValue fill;
  if (step.defined.fill != nullptr && !step.defined.fill->is_null()) {
    const auto value = read_attribute(*step.defined.fill, step.defined.spec, {}, call.now);
    if (!value) {
      const auto* object = value.error().description.if_object();
      const auto* reason = object ? object->if_contains("reason") : nullptr;
      std::string why = reason && reason->is_string() ? std::string(reason->get_string()) : std::string();
      return bad_fill(why.substr(0, why.find(" for dictionary value")));
    }
    fill = *value;
  } else if (step.defined.spec.required) {
    return bad_fill("must not be empty if required=True");
  }
  SENT_TRY(edit.add_attribute(type, step.name, step.defined.spec, fill));
  return {};
}

Outcome<void> remove(catalog::ResourceEdit& edit, const std::string& type, const Step& step) {
  const auto removed = edit.remove_attribute(type, step.name);
  if (!removed && removed.error().code == Errc::kNotFound)
    return refuse(400, "can't remove a non-existent object '{}'", step.name);
  SENT_TRY(removed);
  return {};
}

}  // namespace

Outcome<Reply> list_types(Call& call) {
  JsonText json = call.json();
  json.array();
  const auto rules = call.rules();
  for (const auto& [name, type] : rules->types) write_type(json, type);
  return json_answer(std::move(json.end()));
}

Outcome<Reply> post_type(Call& call) {
  if (!call.who.admin && !call.who.service) return denied();
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto* body, as_object(json, {}, {"name", "attributes"}));
  catalog::ResourceType type;
  SENT_TRY_ASSIGN(type.name, text_field(*body, "name", {}));
  if (type.name.empty() || type.name.contains('/')) return invalid_value("not a valid value", {"name"});
  if (const auto* attributes = body->if_contains("attributes")) {
    SENT_TRY_ASSIGN(const auto* object, as_object(*attributes, {"attributes"}));
    for (const auto& [name, definition] : *object) {
      SENT_TRY(check_attribute_name(name, {"attributes"}));
      SENT_TRY_ASSIGN(const auto defined,
                      read_attribute_definition(definition, Path{"attributes"} / std::string_view(name)));
      type.attributes[std::string(name)] = defined.spec;
    }
  }
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    if (edit.rules().type(type.name)) return refuse(409, "Resource type {} already exists", type.name);
    SENT_TRY(edit.put_type(type));
    return {};
  });
  SENT_TRY(edited);
  JsonText answer = call.json();
  write_type(answer, type);
  return created(call, "/v1/resource_type/" + net::percent_encode(type.name), std::move(answer));
}

Outcome<Reply> get_type(Call& call) {
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const auto* type, find_type(*rules, call.names[0]));
  return type_answer(call, *type);
}

Outcome<Reply> patch_type(Call& call) {
  if (!call.who.admin && !call.who.service) return denied();
  const std::string& name = call.names[0];
  SENT_TRY(find_type(*call.rules(), name));
  SENT_TRY_ASSIGN(const auto json, call.body());
  const auto* list = json.if_array();
  if (list == nullptr) return invalid_input("expected a list", {});
  std::vector<Step> steps;
  for (std::size_t i = 0; i < list->size(); ++i) {
    SENT_TRY_ASSIGN(auto step, read_step((*list)[i], Path{} / i));
    steps.push_back(std::move(step));
  }
  if (name == catalog::kGenericType && !steps.empty())
    return refuse(400, "the type generic cannot be changed");
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    if (edit.rules().type(name) == nullptr) return no_type(name);
    for (const Step& step : steps)
      SENT_TRY(step.add ? add(call, edit, name, step) : remove(edit, name, step));
    return {};
  });
  SENT_TRY(edited);
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const auto* type, find_type(*rules, name));
  return type_answer(call, *type);
}

Outcome<Reply> delete_type(Call& call) {
  if (!call.who.admin) return denied();
  const std::string& name = call.names[0];
  if (name == catalog::kGenericType) return refuse(400, "Resource type generic cannot be deleted");
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    const auto removed = edit.remove_type(name);
    if (removed) return {};
    if (removed.error().code == Errc::kNotFound) return no_type(name);
    if (removed.error().code == Errc::kConflict) return refuse(400, "Resource type {} is still in use", name);
    return Failure(removed.error());
  });
  SENT_TRY(edited);
  return empty_answer(204);
}

}  // namespace sentinella::api::gnocchi
