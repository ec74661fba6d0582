// POST /v1/import: what another Gnocchi has, with its ids and its past. A route of our own: Gnocchi's API has
// no way to say what was.
//   {"resources": [[revision, ... oldest first], ...], "metrics": [metric, ...]}, each as Gnocchi lists it.
// What is there already stays as it is, so that the same may be sent again.
#include "api/gnocchi/attributes.h"
#include "api/gnocchi/form.h"
#include "api/gnocchi/handlers.h"
#include "api/gnocchi/resource_id.h"
#include "api/gnocchi/things.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr std::size_t kMaxThings = 10'000;

struct Imported {
  std::int64_t resources = 0, metrics = 0;
  std::int64_t there = 0;  ///< resources and metrics that were there before
};

Outcome<Uuid> read_uuid(const boost::json::object& object, std::string_view name, const Path& path) {
  SENT_TRY_ASSIGN(const std::string text, text_field(object, name, path));
  const auto id = any_uuid(text);
  if (!id) return invalid_value("badly formed hexadecimal UUID string", path / name);
  return *id;
}

/// Who made it; older Gnocchis tell it in two halves.
Outcome<std::string> read_creator(const boost::json::object& object, const Path& path) {
  SENT_TRY_ASSIGN(auto whole, optional_text_field(object, "creator", path));
  if (whole) return *std::move(whole);
  SENT_TRY_ASSIGN(const auto user, optional_text_field(object, "created_by_user_id", path));
  SENT_TRY_ASSIGN(const auto project, optional_text_field(object, "created_by_project_id", path));
  if (!project || project->empty()) return user.value_or("");
  return user.value_or("") + ":" + *project;
}

/// What of a listed resource is laid down by its type, and when it lived.
boost::json::object attributes_of(const boost::json::object& listed, const catalog::ResourceType& type) {
  boost::json::object out;
  for (const std::string_view name : {"user_id", "project_id", "started_at", "ended_at"})
    if (const auto* value = listed.if_contains(name)) out[name] = *value;
  for (const auto& [name, spec] : type.attributes)
    if (const auto* value = listed.if_contains(name)) out[name] = *value;
  return out;
}

Outcome<catalog::Resource> read_revision(const boost::json::value& json, const catalog::MeteringRules& rules,
                                         const Path& path, Time now) {
  SENT_TRY_ASSIGN(const auto* listed, as_object(json, path));
  catalog::Resource revision;
  SENT_TRY_ASSIGN(revision.id, read_uuid(*listed, "id", path));
  SENT_TRY_ASSIGN(const auto original,
                  optional_text_field(*listed, "original_resource_id", path, kMaxResourceName));
  revision.original_id = original.value_or(to_text(revision.id));
  SENT_TRY_ASSIGN(revision.type, text_field(*listed, "type", path));
  SENT_TRY_ASSIGN(const auto* type, find_type(rules, revision.type));
  SENT_TRY_ASSIGN(revision.creator, read_creator(*listed, path));
  SENT_TRY_ASSIGN(const auto* start, required(*listed, "revision_start", path));
  const auto begins = time_of(*start, now);
  if (!begins) return invalid_value("Unable to parse timestamp", path / "revision_start");
  revision.revision_start = *begins;
  SENT_TRY(read_attributes(attributes_of(*listed, *type), *type, false, now, revision));
  return revision;
}

Outcome<void> import_resource(const Call& call, catalog::ResourceEdit& edit, const boost::json::value& json,
                              const Path& path, Imported& count) {
  const auto* revisions = json.if_array();
  if (revisions == nullptr || revisions->empty()) return invalid_value("expected a list", path);
  for (std::size_t i = 0; i < revisions->size(); ++i) {
    SENT_TRY_ASSIGN(auto revision, read_revision((*revisions)[i], edit.rules(), path / i, call.now));
    const auto before = edit.resource(revision.id);
    if (i == 0 && before) {
      ++count.there;
      return {};
    }
    if (i == 0) {
      SENT_TRY(edit.add_resource(revision));
      continue;
    }
    if (!before || before->now->type != revision.type ||
        revision.revision_start <= before->now->revision_start)
      return invalid_value("not a later revision of the same resource", path / i);
    SENT_TRY(edit.revise_resource(std::move(revision)));
  }
  ++count.resources;
  return {};
}

Outcome<std::string> read_policy_name(const boost::json::object& listed, const Path& path) {
  SENT_TRY_ASSIGN(auto name, optional_text_field(listed, "archive_policy_name", path));
  if (name) return *std::move(name);
  SENT_TRY_ASSIGN(const auto* policy, required(listed, "archive_policy", path));
  SENT_TRY_ASSIGN(const auto* object, as_object(*policy, path / "archive_policy"));
  return text_field(*object, "name", path / "archive_policy");
}

Outcome<void> import_metric(catalog::ResourceEdit& edit, const boost::json::value& json, const Path& path,
                            Imported& count) {
  SENT_TRY_ASSIGN(const auto* listed, as_object(json, path));
  catalog::Metric metric;
  SENT_TRY_ASSIGN(metric.id, read_uuid(*listed, "id", path));
  if (edit.metric(metric.id)) {
    ++count.there;
    return {};
  }
  SENT_TRY_ASSIGN(metric.name, optional_text_field(*listed, "name", path));
  SENT_TRY_ASSIGN(metric.unit, optional_text_field(*listed, "unit", path, 31));
  SENT_TRY_ASSIGN(metric.creator, read_creator(*listed, path));
  SENT_TRY_ASSIGN(metric.policy, read_policy_name(*listed, path));
  if (edit.rules().policy(metric.policy) == nullptr)
    return refuse(400, "Archive policy {} does not exist", metric.policy);
  SENT_TRY_ASSIGN(const auto resource, optional_text_field(*listed, "resource_id", path));
  if (resource) {
    SENT_TRY_ASSIGN(const Uuid id, read_uuid(*listed, "resource_id", path));
    // A resource that has gone meanwhile leaves its metrics without one.
    if (edit.resource(id)) metric.resource = id;
  }
  const auto put = edit.put_metric(metric);
  if (!put && put.error().code == Errc::kConflict)
    return refuse(409, "Named metric {} already exists", metric.name.value_or(""));
  SENT_TRY(put);
  ++count.metrics;
  return {};
}

Outcome<const boost::json::array*> list_field(const boost::json::object& body, std::string_view name) {
  static const boost::json::array kNone;
  const auto* value = body.if_contains(name);
  if (value == nullptr) return &kNone;
  const auto* list = value->if_array();
  if (list == nullptr) return invalid_value("expected a list", {std::string(name)});
  if (list->size() > kMaxThings)
    return invalid_value(fmt::format("length of value must be at most {}", kMaxThings), {std::string(name)});
  return list;
}

}  // namespace

Outcome<Reply> import_things(Call& call) {
  if (!call.who.admin) return denied();
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto* body, as_object(json, {}, {"resources", "metrics"}));
  SENT_TRY_ASSIGN(const auto* resources, list_field(*body, "resources"));
  SENT_TRY_ASSIGN(const auto* metrics, list_field(*body, "metrics"));
  Imported count;
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    count = {};
    for (std::size_t i = 0; i < resources->size(); ++i)
      SENT_TRY(import_resource(call, edit, (*resources)[i], Path{"resources"} / i, count));
    for (std::size_t i = 0; i < metrics->size(); ++i)
      SENT_TRY(import_metric(edit, (*metrics)[i], Path{"metrics"} / i, count));
    return {};
  });
  SENT_TRY(edited);
  JsonText answer = call.json();
  answer.object()
      .field("resources", count.resources)
      .field("metrics", count.metrics)
      .field("there", count.there)
      .end();
  return json_answer(std::move(answer));
}

}  // namespace sentinella::api::gnocchi
