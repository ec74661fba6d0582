#include "api/gnocchi/measures_body.h"

#include <algorithm>
#include <set>

#include "api/gnocchi/handlers.h"
#include "api/gnocchi/resource_id.h"
#include "api/gnocchi/rows.h"
#include "api/gnocchi/samples.h"
#include "api/gnocchi/things.h"

namespace sentinella::api::gnocchi {
namespace {

using catalog::MetricPtr;

Outcome<Reply> read(const Call& call, const MetricPtr& metric) {
  SENT_TRY_ASSIGN(const auto interval, read_interval(call));
  SENT_TRY_ASSIGN(const auto granularity, span_parameter(call, "granularity"));
  SENT_TRY_ASSIGN(const auto resample, read_resample(call));
  SENT_TRY(call.query.flag("refresh", false));
  if (resample && !granularity) return refuse(400, "A granularity must be specified to resample");
  const std::string name = call.query.first("aggregation").value_or("mean");
  const auto rules = call.rules();
  const auto* policy = rules->policy(metric->metric.policy);
  const auto method = parse_method(name);
  if (policy == nullptr || !method || std::ranges::find(policy->methods, name) == policy->methods.end()) {
    boost::json::object detail;
    detail["metric"] = to_text(metric->metric.id);
    detail["aggregation_method"] = name;
    return refuse_because(404, "Aggregation method does not exist for this metric", std::move(detail));
  }
  const auto roll_ups = chosen_roll_ups(*policy, granularity);
  if (roll_ups.empty()) return no_such_aggregates(name, *granularity, metric->metric.id);
  SENT_TRY_ASSIGN(const auto all,
                  read_aggregates(call, *metric, *method, roll_ups, interval.start, interval.stop));
  JsonText json = call.json();
  json.array();
  for (const auto& [size, points] : all) {
    if (!resample)
      write_rows(json, points, size);
    else if (resample->calendar != '\0')
      write_calendar_rows(json, roll_up_calendar(points, *method, resample->calendar), resample->calendar);
    else
      write_rows(json, roll_up(points, *method, resample->span), resample->span);
  }
  return json_answer(std::move(json.end()));
}

void add(SampleWriter& writer, const MetricPtr& metric, const MeasureBody& body, const MeasureGroup& group,
         Outcome<void>& added) {
  if (!added) return;
  const auto done = writer.add(metric, std::span(body.times).subspan(group.first, group.count),
                               std::span(body.values).subspan(group.first, group.count));
  if (!done) added = Failure(Problem(done.error()));
}

Outcome<void> write_one(Call& call, const MetricPtr& metric, SampleWriter& writer) {
  if (!call.who.may_change(metric->metric.creator)) return denied();
  SENT_TRY_ASSIGN(const auto body, read_measures(call.request.body, call.now));
  Outcome<void> added;
  add(writer, metric, body, body.groups.front(), added);
  return added;
}

/// `prepare` fills the writer.
template <typename Prepare>
void write(Call& call, Finish finish, Prepare prepare) {
  SampleWriter writer(call);
  if (auto prepared = prepare(writer); !prepared) return finish(Failure(std::move(prepared).error()));
  std::move(writer).submit(std::move(finish), 202);
}

Outcome<void> write_by_metric(Call& call, SampleWriter& writer) {
  SENT_TRY_ASSIGN(const auto body, read_metric_batch(call.request.body, call.now));
  std::vector<Uuid> ids;
  ids.reserve(body.groups.size());
  for (const auto& group : body.groups) {
    const auto id = any_uuid(group.metric);
    if (!id) return invalid_input("badly formed hexadecimal UUID string", {group.metric});
    ids.push_back(*id);
  }
  const auto metrics = call.registry.metrics(call.account(), ids);
  std::set<std::string> unknown;
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (!metrics[i]) unknown.insert(to_text(ids[i]));
  if (!unknown.empty()) {
    std::string names;
    for (const auto& id : unknown) names += (names.empty() ? "" : ", ") + id;
    return refuse(400, "Unknown metrics: {}", names);
  }
  Outcome<void> added;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!call.who.may_change(metrics[i]->metric.creator)) return denied();
    add(writer, metrics[i], body, body.groups[i], added);
  }
  return added;
}

/// The metrics of a batch by resource, in its order; null where there is none.
struct BatchMetrics {
  std::vector<Uuid> resources;
  std::vector<MetricPtr> metrics;
  std::set<std::size_t> without_resource;
  bool whole = true;
};

BatchMetrics look_up(const Call& call, const MeasureBody& body) {
  BatchMetrics found;
  catalog::ResourcePtr resource;
  for (std::size_t i = 0; i < body.groups.size(); ++i) {
    const auto& group = body.groups[i];
    // Groups of one resource come one after the other.
    if (i == 0 || group.resource != body.groups[i - 1].resource) {
      found.resources.push_back(resource_uuid(group.resource, call.who.creator));
      resource = call.registry.resource(call.account(), found.resources.back());
      if (resource && !call.who.may_see(*resource->now)) resource = nullptr;
    } else {
      found.resources.push_back(found.resources.back());
    }
    if (!resource) found.without_resource.insert(i);
    const auto metric = resource ? resource->metrics.find(group.metric) : decltype(resource->metrics.end()){};
    found.metrics.push_back(resource && metric != resource->metrics.end() ? metric->second : nullptr);
    found.whole = found.whole && found.metrics.back();
  }
  return found;
}

Failure unknown_resources(const MeasureBody& body, const BatchMetrics& found) {
  std::set<std::pair<std::string, std::string>> names;
  for (const std::size_t i : found.without_resource)
    names.emplace(to_text(found.resources[i]), body.groups[i].resource);
  boost::json::array detail;
  for (const auto& [id, name] : names) {
    boost::json::object one;
    one["resource_id"] = id;
    one["original_resource_id"] = name;
    detail.push_back(std::move(one));
  }
  return refuse_because(400, "Unknown resources", std::move(detail));
}

Outcome<void> make_missing(const Call& call, const MeasureBody& body, const BatchMetrics& found) {
  if (!found.without_resource.empty()) return unknown_resources(body, found);
  return edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    for (std::size_t i = 0; i < body.groups.size(); ++i) {
      if (found.metrics[i]) continue;
      const auto& group = body.groups[i];
      const auto resource = edit.resource(found.resources[i]);
      if (!resource) return unknown_resources(body, {found.resources, {}, {i}, false});
      if (resource->metrics.contains(group.metric)) continue;
      if (!call.who.may_change(resource->now->creator)) return denied();
      SENT_TRY(put_metrics(call, edit, found.resources[i],
                           {{.name = group.metric, .id = {}, .policy = group.policy, .unit = group.unit}}));
    }
    return {};
  });
}

Outcome<void> write_by_resource(Call& call, SampleWriter& writer) {
  SENT_TRY_ASSIGN(const bool create, call.query.flag("create_metrics", false));
  SENT_TRY_ASSIGN(const auto body, read_resource_batch(call.request.body, call.now));
  auto found = look_up(call, body);
  if (!found.whole && create) {
    SENT_TRY(make_missing(call, body, found));
    found = look_up(call, body);
  }
  if (!found.whole) {
    std::set<std::string> unknown;
    for (std::size_t i = 0; i < body.groups.size(); ++i)
      if (!found.metrics[i]) unknown.insert(to_text(found.resources[i]) + "/" + body.groups[i].metric);
    std::string names;
    for (const auto& name : unknown) names += (names.empty() ? "" : ", ") + name;
    return refuse(400, "Unknown metrics: {}", names);
  }
  Outcome<void> added;
  for (std::size_t i = 0; i < body.groups.size(); ++i) {
    if (!call.who.may_change(found.metrics[i]->metric.creator)) return denied();
    add(writer, found.metrics[i], body, body.groups[i], added);
  }
  return added;
}

}  // namespace

Outcome<Reply> get_measures(Call& call) {
  SENT_TRY_ASSIGN(const auto metric, find_metric(call, call.names[0]));
  return read(call, metric);
}

Outcome<Reply> get_resource_measures(Call& call) {
  SENT_TRY_ASSIGN(const auto metric, find_resource_metric(call, call.names[0], call.names[1], call.names[2]));
  return read(call, metric);
}

void post_measures(Call& call, Finish finish) {
  write(call, std::move(finish), [&](SampleWriter& writer) -> Outcome<void> {
    SENT_TRY_ASSIGN(const auto metric, find_metric(call, call.names[0]));
    return write_one(call, metric, writer);
  });
}

/// Ours: Gnocchi cannot forget a part of a metric.
void delete_measures(Call& call, Finish finish) {
  const auto metric = find_metric(call, call.names[0]);
  if (!metric) return finish(Failure(metric.error()));
  if (!call.who.may_change((*metric)->metric.creator)) return finish(denied());
  const auto interval = read_interval(call);
  if (!interval) return finish(Failure(interval.error()));
  if (!interval->start || !interval->stop)
    return finish(
        bad_argument(interval->start ? "stop" : "start", "is required: a deletion names both ends"));
  if (*interval->stop <= *interval->start) return finish(bad_argument("stop", "Must be after start"));
  erase_range(call, *metric, {*interval->start, *interval->stop}, std::move(finish));
}

void post_resource_measures(Call& call, Finish finish) {
  write(call, std::move(finish), [&](SampleWriter& writer) -> Outcome<void> {
    SENT_TRY_ASSIGN(const auto metric,
                    find_resource_metric(call, call.names[0], call.names[1], call.names[2]));
    return write_one(call, metric, writer);
  });
}

void post_metric_batch(Call& call, Finish finish) {
  write(call, std::move(finish), [&](SampleWriter& writer) { return write_by_metric(call, writer); });
}

void post_resource_batch(Call& call, Finish finish) {
  write(call, std::move(finish), [&](SampleWriter& writer) { return write_by_resource(call, writer); });
}

}  // namespace sentinella::api::gnocchi
