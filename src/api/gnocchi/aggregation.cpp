// The older routes of aggregation, which know one operation: a method across metrics.
#include <algorithm>

#include "api/gnocchi/filter.h"
#include "api/gnocchi/form.h"
#include "api/gnocchi/grid.h"
#include "api/gnocchi/handlers.h"
#include "api/gnocchi/objects.h"
#include "api/gnocchi/resource_id.h"
#include "api/gnocchi/rows.h"
#include "api/gnocchi/things.h"

namespace sentinella::api::gnocchi {
namespace {

using catalog::MetricPtr;

struct AggregationRequest {
  GridRequest grid;
  std::string method, across;
  std::optional<Regrouping> resample;
};

constexpr double kUsualOverlap = 100;

Outcome<AggregationRequest> read_request(const Call& call) {
  AggregationRequest request;
  SENT_TRY_ASSIGN(request.grid, read_grid_request(call, kUsualOverlap));
  SENT_TRY_ASSIGN(request.resample, read_resample(call));
  if (request.resample && !request.grid.granularity)
    return refuse(400, "A granularity must be specified to resample");
  request.method = call.query.first("aggregation").value_or("mean");
  request.across = call.query.first("reaggregation").value_or(request.method);
  return request;
}

/// (aggregate across (resample method span (metric ...)))
Outcome<Operation> operation_of(const AggregationRequest& request, const std::vector<GridColumn>& columns) {
  Operation fetch{.kind = Operation::Kind::metric};
  for (const auto& column : columns) fetch.refs.push_back(column.key.ref);
  const auto method = parse_method(request.method);
  if (request.resample) {
    if (request.resample->calendar != '\0')
      return refuse(400, "a calendar's groups are for one metric; resample several by a timespan");
    Operation regroup{.kind = Operation::Kind::resample, .method = *method, .span = request.resample->span};
    regroup.method.rate = false;
    regroup.operands.push_back(std::move(fetch));
    fetch = std::move(regroup);
  }
  const auto across = parse_method(request.across);
  if (!across) return refuse(400, "Invalid reaggregation method: {}", request.across);
  Operation whole{.kind = Operation::Kind::aggregate, .method = *across};
  // What is folded are rates already.
  if (method->rate) whole.method.rate = false;
  whole.operands.push_back(std::move(fetch));
  return whole;
}

/// Rows of one metric, as its measures are read.
Outcome<void> write_one(JsonText& json, const Call& call, const AggregationRequest& request,
                        const MetricPtr& metric) {
  const auto rules = call.rules();
  const auto* policy = rules->policy(metric->metric.policy);
  const auto method = parse_method(request.method);
  if (policy == nullptr || !method ||
      std::ranges::find(policy->methods, request.method) == policy->methods.end()) {
    boost::json::object detail;
    detail["metric"] = to_text(metric->metric.id);
    detail["aggregation_method"] = request.method;
    return refuse_because(404, "Aggregation method does not exist for this metric", std::move(detail));
  }
  const auto roll_ups = chosen_roll_ups(*policy, request.grid.granularity);
  if (roll_ups.empty())
    return no_such_aggregates(request.method, *request.grid.granularity, metric->metric.id);
  SENT_TRY_ASSIGN(const auto all,
                  read_aggregates(call, *metric, *method, roll_ups, request.grid.start, request.grid.stop));
  for (const auto& [size, points] : all) {
    if (!request.resample)
      write_rows(json, points, size);
    else if (request.resample->calendar != '\0')
      write_calendar_rows(json, roll_up_calendar(points, *method, request.resample->calendar),
                          request.resample->calendar);
    else
      write_rows(json, roll_up(points, *method, request.resample->span), request.resample->span);
  }
  return {};
}

/// [[timestamp, granularity, value] ...] of all the metrics together.
Outcome<void> write_aggregated(JsonText& json, const Call& call, const AggregationRequest& request,
                               const std::vector<MetricPtr>& metrics) {
  json.array();
  if (metrics.size() == 1) {
    SENT_TRY(write_one(json, call, request, metrics.front()));
    json.end();
    return {};
  }
  const auto rules = call.rules();
  std::vector<GridColumn> columns;
  for (const auto& metric : metrics) {
    const auto* policy = rules->policy(metric->metric.policy);
    if (policy == nullptr) return no_metric(to_text(metric->metric.id));
    const bool offered = parse_method(request.method) &&
                         std::ranges::find(policy->methods, request.method) != policy->methods.end();
    if (!offered)
      return no_such_aggregates(request.method,
                                request.grid.granularity.value_or(policy->roll_ups.front().granularity),
                                metric->metric.id);
    if (request.grid.granularity && chosen_roll_ups(*policy, request.grid.granularity).empty())
      return no_such_aggregates(request.method, *request.grid.granularity, metric->metric.id);
    const std::string id = to_text(metric->metric.id);
    columns.push_back({{"", id, {id, request.method}, request.method}, metric});
  }
  if (!columns.empty()) {
    SENT_TRY_ASSIGN(const auto operation, operation_of(request, columns));
    SENT_TRY_ASSIGN(const auto grid, compute_grid(call, request.grid, operation, columns));
    for (const Table& table : grid.tables) write_column(json, table, 0, grid.drop);
  }
  json.end();
  return {};
}

Outcome<std::vector<std::string>> wanted_ids(const Call& call) {
  if (call.request.method != "POST") return call.query.all("metric");
  SENT_TRY_ASSIGN(const auto json, call.body());
  const auto* list = json.if_array();
  if (list == nullptr) return invalid_input("expected a list", {});
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (!(*list)[i].is_string()) return invalid_input("expected str", Path{} / i);
    ids.emplace_back((*list)[i].get_string());
  }
  return ids;
}

/// The metric of this name of each resource that has one.
std::vector<MetricPtr> metrics_named(const std::vector<Found>& found, const std::string& name) {
  std::vector<MetricPtr> metrics;
  for (const auto& one : found)
    if (const auto metric = one.resource->metrics.find(name); metric != one.resource->metrics.end())
      metrics.push_back(metric->second);
  return metrics;
}

Outcome<Reply> grouped(const Call& call, const AggregationRequest& request, const catalog::ResourceType& type,
                       std::vector<Found> found) {
  auto attributes = call.query.all("groupby");
  std::ranges::sort(attributes);
  attributes.erase(std::unique(attributes.begin(), attributes.end()), attributes.end());
  for (const auto& name : attributes)
    if (!attribute_kind(type, name)) return refuse(400, "Invalid groupby attribute: {}", name);
  const auto value = [&](const Found& one, const std::string& name) {
    return attribute_of(*one.revision, name).value_or(catalog::AttributeValue{});
  };
  const auto order = [&](const Found& a, const Found& b) {
    for (const auto& name : attributes)
      if (const auto way = compare(value(a, name), value(b, name)); way != 0) return way;
    return std::weak_ordering::equivalent;
  };
  std::ranges::stable_sort(found, [&](const Found& a, const Found& b) { return order(a, b) < 0; });
  JsonText json = call.json();
  json.array();
  for (std::size_t first = 0; first < found.size();) {
    std::size_t last = first + 1;
    while (last < found.size() && order(found[first], found[last]) == 0) ++last;
    const std::vector<Found> group(found.begin() + static_cast<std::ptrdiff_t>(first),
                                   found.begin() + static_cast<std::ptrdiff_t>(last));
    first = last;
    const auto metrics = metrics_named(group, call.names[1]);
    if (metrics.empty()) continue;
    json.object().key("group").object();
    for (const auto& name : attributes) {
      json.key(name);
      write_value(json, value(group.front(), name));
    }
    json.end().key("measures");
    SENT_TRY(write_aggregated(json, call, request, metrics));
    json.end();
  }
  return json_answer(std::move(json.end()));
}

}  // namespace

Outcome<Reply> aggregate_metrics(Call& call) {
  SENT_TRY_ASSIGN(const auto request, read_request(call));
  SENT_TRY_ASSIGN(const auto ids, wanted_ids(call));
  std::vector<MetricPtr> metrics;
  for (const auto& id : ids) {
    if (!any_uuid(id)) return invalid_input("badly formed hexadecimal UUID string", {"metric"});
    SENT_TRY_ASSIGN(auto metric, find_metric(call, id));
    metrics.push_back(std::move(metric));
  }
  JsonText json = call.json();
  SENT_TRY(write_aggregated(json, call, request, metrics));
  return json_answer(std::move(json));
}

Outcome<Reply> aggregate_resources(Call& call) {
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const auto* type, find_type(*rules, call.names[0]));
  SENT_TRY_ASSIGN(const auto request, read_request(call));
  SENT_TRY_ASSIGN(const auto filter, requested_filter(call, *type));
  SENT_TRY_ASSIGN(auto found, find_resources(call, type->name, filter, false));
  std::ranges::sort(found, {}, [](const Found& one) { return one.revision->id; });
  if (call.query.first("groupby")) return grouped(call, request, *type, std::move(found));
  JsonText json = call.json();
  SENT_TRY(write_aggregated(json, call, request, metrics_named(found, call.names[1])));
  return json_answer(std::move(json));
}

}  // namespace sentinella::api::gnocchi
