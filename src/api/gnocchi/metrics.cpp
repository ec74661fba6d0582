#include "api/gnocchi/form.h"
#include "api/gnocchi/handlers.h"
#include "api/gnocchi/objects.h"
#include "api/gnocchi/paging.h"
#include "api/gnocchi/resource_id.h"
#include "api/gnocchi/samples.h"
#include "api/gnocchi/things.h"

namespace sentinella::api::gnocchi {
namespace {

using catalog::AttributeValue;
using catalog::MetricPtr;

std::optional<AttributeValue> field_of(const catalog::Metric& metric, const std::string& name) {
  const auto text = [](const std::optional<std::string>& value) {
    return value ? AttributeValue(*value) : AttributeValue();
  };
  if (name == "id") return to_text(metric.id);
  if (name == "name") return text(metric.name);
  if (name == "unit") return text(metric.unit);
  if (name == "creator") return metric.creator;
  if (name == "archive_policy_name") return metric.policy;
  if (name == "resource_id")
    return metric.resource ? AttributeValue(to_text(*metric.resource)) : AttributeValue();
  return std::nullopt;
}

/// Whether a metric is one of those that ?id=, ?name= ... ask for.
bool asked_for(const Call& call, const catalog::Metric& metric) {
  for (const std::string name : {"id", "name", "unit", "creator", "archive_policy_name", "resource_id"}) {
    const auto wanted = call.query.first(name);
    if (!wanted) continue;
    const auto have = field_of(metric, name).value_or(AttributeValue{});
    const auto* text = std::get_if<std::string>(&have);
    if (text == nullptr || (*text != *wanted && !(name == "id" && any_uuid(*wanted) == metric.id)))
      return false;
  }
  const auto user = call.query.first("user_id"), project = call.query.first("project_id");
  const auto colon = metric.creator.find(':');
  if (user && metric.creator.substr(0, colon) != *user) return false;
  if (project && (colon == std::string::npos || metric.creator.substr(colon + 1) != *project)) return false;
  return true;
}

Reply one_metric(const Call& call, const catalog::Metric& metric) {
  JsonText json = call.json();
  write_metric(json, call, metric, MetricForm::alone);
  return json_answer(std::move(json));
}

Outcome<Reply> remove(const Call& call, const MetricPtr& metric) {
  if (!call.who.may_change(metric->metric.creator)) return denied();
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    const auto removed = edit.remove_metric(metric->metric.id);
    if (!removed && removed.error().code == Errc::kNotFound) return no_metric(to_text(metric->metric.id));
    SENT_TRY(removed);
    return {};
  });
  SENT_TRY(edited);
  erase_samples(call.server, call.account(), {metric});
  return empty_answer(204);
}

Reply metrics_of(const Call& call, const catalog::LiveResource& resource) {
  JsonText json = call.json();
  json.array();
  for (const auto& [name, metric] : resource.metrics)
    write_metric(json, call, metric->metric, MetricForm::listed);
  return json_answer(std::move(json.end()));
}

}  // namespace

Outcome<Reply> list_metrics(Call& call) {
  SENT_TRY_ASSIGN(const PageRequest page, read_page(call, {"id:asc"}, [](const std::string& name) {
                    return field_of({}, name).has_value();
                  }));
  std::vector<MetricPtr> metrics;
  if (call.query.first("status").value_or("active") == "active")
    metrics = call.registry.metrics(call.account());
  std::erase_if(metrics, [&](const MetricPtr& one) {
    return !asked_for(call, one->metric) || !may_see(call, one->metric);
  });
  SENT_TRY_ASSIGN(const auto chosen, take_page(
                                         std::move(metrics), page, {"id"},
                                         [](const MetricPtr& one, const std::string& key) {
                                           return *field_of(one->metric, key);
                                         },
                                         [](const MetricPtr& one) { return to_text(one->metric.id); }));
  JsonText json = call.json();
  json.array();
  for (const auto& one : chosen) write_metric(json, call, one->metric, MetricForm::listed);
  Reply reply = json_answer(std::move(json.end()));
  if (chosen.size() >= page.limit) add_next_link(reply, call, page, to_text(chosen.back()->metric.id));
  return reply;
}

Outcome<Reply> post_metric(Call& call) {
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto* body,
                  as_object(json, {}, {"archive_policy_name", "name", "unit", "resource_id"}));
  SENT_TRY_ASSIGN(auto name, optional_text_field(*body, "name", {}));
  SENT_TRY_ASSIGN(auto unit, optional_text_field(*body, "unit", {}, 31));
  SENT_TRY_ASSIGN(auto policy, optional_text_field(*body, "archive_policy_name", {}));
  SENT_TRY_ASSIGN(const auto resource, optional_text_field(*body, "resource_id", {}));
  if (resource && !name)
    return refuse_because(400, "Attribute value error", "Name cannot be null if resource_id is not null",
                          boost::json::string("name"));
  catalog::Metric metric;
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    SENT_TRY_ASSIGN(metric, make_metric(call, edit.rules(), name, unit, policy));
    if (resource) {
      metric.resource = resource_uuid(*resource, call.who.creator);
      const auto found = edit.resource(*metric.resource);
      if (!found || !call.who.may_see(*found->now))
        return refuse(404, "Resource {} does not exist", *resource);
      if (!call.who.may_change(found->now->creator)) return denied();
    }
    const auto put = edit.put_metric(metric);
    if (!put && put.error().code == Errc::kConflict)
      return refuse_because(400, "Named metric already exists", boost::json::string(*name));
    SENT_TRY(put);
    return {};
  });
  SENT_TRY(edited);
  JsonText answer = call.json();
  write_metric(answer, call, metric, MetricForm::made);
  return created(call, "/v1/metric/" + to_text(metric.id), std::move(answer));
}

Outcome<Reply> get_metric(Call& call) {
  SENT_TRY_ASSIGN(const auto metric, find_metric(call, call.names[0]));
  return one_metric(call, metric->metric);
}

Outcome<Reply> delete_metric(Call& call) {
  SENT_TRY_ASSIGN(const auto metric, find_metric(call, call.names[0]));
  return remove(call, metric);
}

Outcome<Reply> list_resource_metrics(Call& call) {
  SENT_TRY_ASSIGN(const auto resource, find_resource(call, call.names[0], call.names[1]));
  return metrics_of(call, *resource);
}

Outcome<Reply> post_resource_metrics(Call& call) {
  SENT_TRY_ASSIGN(const auto resource, find_resource(call, call.names[0], call.names[1]));
  if (!call.who.may_change(resource->now->creator)) return denied();
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto wanted, read_wanted_metrics(json, {}));
  const Uuid id = resource->now->id;
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    if (!edit.resource(id)) return refuse(404, "Resource {} does not exist", call.names[1]);
    return put_metrics(call, edit, id, wanted);
  });
  SENT_TRY(edited);
  const auto now = call.registry.resource(call.account(), id);
  if (!now) return refuse(404, "Resource {} does not exist", call.names[1]);
  return metrics_of(call, *now);
}

Outcome<Reply> get_resource_metric(Call& call) {
  SENT_TRY_ASSIGN(const auto metric, find_resource_metric(call, call.names[0], call.names[1], call.names[2]));
  return one_metric(call, metric->metric);
}

Outcome<Reply> delete_resource_metric(Call& call) {
  SENT_TRY_ASSIGN(const auto metric, find_resource_metric(call, call.names[0], call.names[1], call.names[2]));
  return remove(call, metric);
}

}  // namespace sentinella::api::gnocchi
