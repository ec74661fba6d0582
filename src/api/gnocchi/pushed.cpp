#include "api/gnocchi/pushed.h"

#include <algorithm>

#include "api/gnocchi/resource_id.h"
#include "api/gnocchi/things.h"

namespace sentinella::api::gnocchi {
namespace {

Failure other_type(const Uuid& id) {
  return refuse_because(409, "Resource already exists", boost::json::string(to_text(id)));
}

/// Whether everything is there already, and of this type.
Outcome<bool> all_there(const Call& call, const catalog::ResourceType& type, const Pushed& pushed) {
  bool all = call.rules()->type(type.name) != nullptr;
  for (const auto& [name, one] : pushed) {
    const auto resource = call.registry.resource(call.account(), resource_uuid(name, call.who.creator));
    if (resource && resource->now->type != type.name) return other_type(resource->now->id);
    all = all && resource && std::ranges::all_of(one.metrics, [&](const auto& metric) {
            return resource->metrics.contains(metric.first);
          });
  }
  return all;
}

Outcome<void> make(const Call& call, catalog::ResourceEdit& edit, const catalog::ResourceType& type,
                   const std::string& name, const PushedResource& pushed) {
  const Uuid id = resource_uuid(name, call.who.creator);
  if (const auto known = edit.resource(id); known && known->now->type != type.name) return other_type(id);
  if (!edit.resource(id)) {
    catalog::Resource resource;
    resource.id = id;
    resource.type = type.name;
    resource.original_id = name;
    resource.creator = call.who.creator;
    resource.started_at = resource.revision_start = Time{call.now.ns / 1000 * 1000};
    resource.attributes = pushed.attributes;
    SENT_TRY(edit.add_resource(resource));
  }
  std::vector<WantedMetric> missing;
  for (const auto& [metric, samples] : pushed.metrics)
    if (!edit.resource(id)->metrics.contains(metric))
      missing.push_back({.name = metric, .id = {}, .policy = {}, .unit = {}});
  return put_metrics(call, edit, id, missing);
}

Outcome<void> prepare(const Call& call, const catalog::ResourceType& type, const Pushed& pushed,
                      SampleWriter& writer) {
  SENT_TRY_ASSIGN(const bool there, all_there(call, type, pushed));
  if (!there) {
    const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
      if (edit.rules().type(type.name) == nullptr) SENT_TRY(edit.put_type(type));
      for (const auto& [name, one] : pushed) SENT_TRY(make(call, edit, type, name, one));
      return {};
    });
    SENT_TRY(edited);
  }
  for (const auto& [name, one] : pushed) {
    const auto resource = call.registry.resource(call.account(), resource_uuid(name, call.who.creator));
    for (const auto& [metric, samples] : one.metrics) {
      const auto found = resource ? resource->metrics.find(metric) : decltype(resource->metrics.end()){};
      if (!resource || found == resource->metrics.end()) return no_metric(metric);
      SENT_TRY(writer.add(found->second, samples.times, samples.values));
    }
  }
  return {};
}

}  // namespace

void store_pushed(const Call& call, const catalog::ResourceType& type, const Pushed& pushed, Finish finish,
                  int status) {
  SampleWriter writer(call);
  if (auto prepared = prepare(call, type, pushed, writer); !prepared)
    return finish(Failure(std::move(prepared).error()));
  std::move(writer).submit(std::move(finish), status);
}

}  // namespace sentinella::api::gnocchi
