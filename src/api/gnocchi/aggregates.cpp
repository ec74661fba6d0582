// POST /v1/aggregates.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "api/gnocchi/form.h"
#include "api/gnocchi/grid.h"
#include "api/gnocchi/handlers.h"
#include "api/gnocchi/objects.h"
#include "api/gnocchi/paging.h"
#include "api/gnocchi/resource_id.h"
#include "api/gnocchi/things.h"
#include "catalog/name_pattern.h"

namespace sentinella::api::gnocchi {
namespace {

struct Request {
  GridRequest grid;
  Operation operation;
  std::vector<MetricRef> refs;
  bool details = false;
  bool history = false;  ///< groups are those of the time that a value is of
};

bool offers(const catalog::MeteringRules& rules, const catalog::Metric& metric, const std::string& method) {
  const auto* policy = rules.policy(metric.policy);
  return policy && parse_method(method) &&
         std::ranges::find(policy->methods, method) != policy->methods.end();
}

Failure unknown_methods(boost::json::array pairs) {
  return refuse_because(404, "Metrics with unknown aggregation", std::move(pairs));
}

boost::json::array pair_of(const std::string& metric, const std::string& method) {
  boost::json::array pair;
  pair.emplace_back(metric);
  pair.emplace_back(method);
  return pair;
}

Outcome<std::vector<GridColumn>> columns_by_id(const Call& call, const std::vector<MetricRef>& refs) {
  std::vector<GridColumn> columns;
  boost::json::array unknown, without_method;
  const auto rules = call.rules();
  for (const MetricRef& ref : refs) {
    const auto id = any_uuid(ref.metric);
    const auto metric = id ? call.registry.metric(call.account(), *id) : nullptr;
    if (!metric || !may_see(call, metric->metric)) {
      unknown.emplace_back(ref.metric);
    } else if (!offers(*rules, metric->metric, ref.method)) {
      without_method.push_back(pair_of(ref.metric, ref.method));
    } else {
      columns.push_back({{"", to_text(*id), ref, ref.method}, metric});
    }
  }
  if (!unknown.empty())
    return refuse_because(404, "Unknown metrics", "Provided metrics don't exists", std::move(unknown));
  if (!without_method.empty()) return unknown_methods(std::move(without_method));
  return columns;
}

/// A resource, and when it counts; no spans: always.
struct Member {
  catalog::ResourcePtr resource;
  std::vector<TimeRange> spans = {};
};

/// The metrics of these resources whose names the references match.
Outcome<std::vector<GridColumn>> columns_of(const Call& call, const std::vector<Member>& members,
                                            const std::vector<MetricRef>& refs) {
  std::vector<GridColumn> columns;
  boost::json::array without_method;
  const auto rules = call.rules();
  for (const auto& [resource, spans] : members) {
    const std::string id = to_text(resource->now->id);
    for (const MetricRef& ref : refs) {
      for (const auto& [name, metric] : resource->metrics) {
        if (!catalog::matches_pattern(ref.metric, name)) continue;
        if (!offers(*rules, metric->metric, ref.method))
          without_method.push_back(pair_of(to_text(metric->metric.id), ref.method));
        else
          columns.push_back({{id, name, ref, ref.method}, metric, spans});
      }
    }
  }
  if (!without_method.empty()) return unknown_methods(std::move(without_method));
  return columns;
}

/// {"<id>": {"<method>": rows}}, by resource {"<id>": {"<name>": {"<method>": rows}}}, or {"aggregated":
/// rows}.
void write_measures(JsonText& json, const Grid& grid) {
  json.object();
  if (!grid.tables.empty() && grid.tables.front().aggregated) {
    json.key("aggregated").array();
    for (const Table& table : grid.tables) write_column(json, table, 0, grid.drop);
    json.end().end();
    return;
  }
  using Place = std::pair<const Table*, std::size_t>;
  std::map<std::string, std::map<std::string, std::map<std::string, std::vector<Place>>>> places;
  for (const Table& table : grid.tables)
    for (std::size_t c = 0; c < table.keys.size(); ++c) {
      const ColumnKey& key = table.keys[c];
      auto& column = places[key.resource][key.metric][key.method];
      // The same metric may be meant by two globs.
      if (column.empty() || column.back().first != &table) column.emplace_back(&table, c);
    }
  for (const auto& [resource, metrics] : places) {
    if (!resource.empty()) json.key(resource).object();
    for (const auto& [metric, methods] : metrics) {
      json.key(metric).object();
      for (const auto& [method, columns] : methods) {
        json.key(method).array();
        for (const auto& [table, c] : columns) write_column(json, *table, c, grid.drop);
        json.end();
      }
      json.end();
    }
    if (!resource.empty()) json.end();
  }
  json.end();
}

Outcome<Reply> by_metrics(const Call& call, const Request& request) {
  SENT_TRY_ASSIGN(const auto columns, columns_by_id(call, request.refs));
  SENT_TRY_ASSIGN(const auto grid, compute_grid(call, request.grid, request.operation, columns));
  JsonText json = call.json();
  json.object().key("measures");
  write_measures(json, grid);
  if (request.details) {
    std::set<Uuid> told;
    json.key("references").array();
    for (const auto& column : columns)
      if (told.insert(column.metric->metric.id).second)
        write_metric(json, call, column.metric->metric, MetricForm::listed);
    json.end();
  }
  return json_answer(std::move(json.end()));
}

/// {"measures": ..., "references": [resources that have one of the metrics]}
void write_group(JsonText& json, const Grid& grid, const std::vector<GridColumn>& columns,
                 const std::vector<Member>& members, const catalog::ResourceType& type, bool details) {
  json.object().key("measures");
  write_measures(json, grid);
  if (details) {
    std::set<std::string> with_metrics;
    for (const auto& column : columns) with_metrics.insert(column.key.resource);
    json.key("references").array();
    for (const auto& [resource, spans] : members)
      if (with_metrics.contains(to_text(resource->now->id)))
        write_resource(json, *resource, *resource->now, type);
    json.end();
  }
  json.end();
}

Failure metrics_not_found(const std::vector<MetricRef>& refs) {
  std::set<std::string> names;
  for (const MetricRef& ref : refs) names.insert(ref.metric);
  boost::json::array detail;
  for (const auto& name : names) detail.emplace_back(name);
  return refuse_because(400, "Metrics not found", std::move(detail));
}

struct Group {
  std::vector<catalog::AttributeValue> values;
  std::vector<Member> members;
};

TimeRange span_of(const catalog::Resource& revision) {
  return {revision.revision > 1 ? revision.revision_start : Time{0},
          revision.revision_end.value_or(Time{std::numeric_limits<std::int64_t>::max()})};
}

/// Revisions of a resource come one after the other, from the oldest: those that meet are one span.
void add_revision(Group& group, const catalog::ResourcePtr& resource, const catalog::Resource& revision) {
  const TimeRange span = span_of(revision);
  const bool known = !group.members.empty() && group.members.back().resource == resource;
  if (!known) return group.members.push_back({resource, {span}});
  auto& spans = group.members.back().spans;
  if (spans.back().until >= span.from)
    spans.back().until = std::max(spans.back().until, span.until);
  else
    spans.push_back(span);
}

/// In the order of their values. `history`: each revision is in the group of its own values.
std::vector<Group> groups_of(const std::vector<Found>& found, const std::vector<std::string>& attributes,
                             bool history) {
  std::vector<Group> groups;
  std::map<std::string, std::size_t> places;
  for (const auto& [resource, revision] : found) {
    Group group;
    JsonText text;
    text.array();
    for (const auto& name : attributes) {
      group.values.push_back(attribute_of(*revision, name).value_or(catalog::AttributeValue{}));
      write_value(text, group.values.back());
    }
    const auto [place, added] = places.try_emplace(text.end().take(), groups.size());
    if (added) groups.push_back(std::move(group));
    Group& to = groups[place->second];
    if (history)
      add_revision(to, resource, *revision);
    else
      to.members.push_back({resource});
  }
  std::ranges::sort(groups, [](const Group& a, const Group& b) {
    for (std::size_t i = 0; i < a.values.size(); ++i)
      if (const auto order = compare(a.values[i], b.values[i]); order != 0) return order < 0;
    return false;
  });
  return groups;
}

Outcome<Reply> by_group(const Call& call, const Request& request, const catalog::ResourceType& type,
                        const std::vector<Found>& found) {
  auto attributes = call.query.all("groupby");
  std::ranges::sort(attributes);
  attributes.erase(std::unique(attributes.begin(), attributes.end()), attributes.end());
  for (const auto& name : attributes)
    if (!attribute_kind(type, name))
      return refuse(400, "Invalid pagination: `Sort key supplied is invalid: {}'", name);
  JsonText json = call.json();
  json.array();
  bool any = false;
  for (const Group& group : groups_of(found, attributes, request.history)) {
    SENT_TRY_ASSIGN(const auto columns, columns_of(call, group.members, request.refs));
    if (columns.empty()) continue;
    any = true;
    SENT_TRY_ASSIGN(const auto grid, compute_grid(call, request.grid, request.operation, columns));
    json.object().key("group").object();
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      json.key(attributes[i]);
      write_value(json, group.values[i]);
    }
    json.end().key("measures");
    write_group(json, grid, columns, group.members, type, request.details);
    json.end();
  }
  if (!any) return metrics_not_found(request.refs);
  return json_answer(std::move(json.end()));
}

Outcome<Reply> by_search(const Call& call, const Request& request, const boost::json::object& body) {
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const std::string type_name, text_field(body, "resource_type", {}));
  SENT_TRY_ASSIGN(const auto* type, find_type(*rules, type_name));
  const FilterContext context{*type, call.who.creator, call.now};
  Filter filter;
  if (const auto* search = body.if_contains("search"); search && !search->is_null()) {
    auto read =
        search->is_string() ? parse_filter(search->get_string(), context) : read_filter(*search, context);
    SENT_TRY(read);
    filter = *std::move(read);
  }
  SENT_TRY_ASSIGN(auto found, find_resources(call, type_name, filter, request.history));
  std::ranges::sort(found, {},
                    [](const Found& one) { return std::pair(one.revision->id, one.revision->revision); });
  if (call.query.first("groupby")) return by_group(call, request, *type, found);
  std::vector<Member> members;
  for (const auto& one : found) members.push_back({one.resource});
  SENT_TRY_ASSIGN(const auto columns, columns_of(call, members, request.refs));
  if (columns.empty()) return metrics_not_found(request.refs);
  SENT_TRY_ASSIGN(const auto grid, compute_grid(call, request.grid, request.operation, columns));
  JsonText json = call.json();
  write_group(json, grid, columns, members, *type, request.details);
  return json_answer(std::move(json));
}

}  // namespace

Outcome<Reply> post_aggregates(Call& call) {
  Request request;
  SENT_TRY_ASSIGN(request.grid, read_grid_request(call, std::nullopt));
  SENT_TRY_ASSIGN(request.details, call.query.flag("details", false));
  SENT_TRY_ASSIGN(request.history, call.query.flag("use_history", false));
  request.history = request.history && call.query.first("groupby");
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto* body, as_object(json, {}, {"operations", "resource_type", "search"}));
  SENT_TRY_ASSIGN(const auto* operations, required(*body, "operations", {}));
  SENT_TRY_ASSIGN(request.operation, read_operations(*operations));
  request.refs = references_of(request.operation);
  if (body->contains("resource_type")) return by_search(call, request, *body);
  if (body->contains("search")) return invalid_input("required key not provided", {"resource_type"});
  return by_metrics(call, request);
}

}  // namespace sentinella::api::gnocchi
