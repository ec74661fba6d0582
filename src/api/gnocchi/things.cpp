#include "api/gnocchi/things.h"

#include "api/gnocchi/form.h"
#include "api/gnocchi/resource_id.h"
#include "api/gnocchi/time_text.h"

namespace sentinella::api::gnocchi {
namespace {

Outcome<std::optional<Time>> time_parameter(const Call& call, std::string_view name) {
  const auto text = call.query.first(name);
  if (!text) return std::nullopt;
  const auto stamp = parse_stamp(*text, call.now);
  if (!stamp) return bad_argument(name, "Must be a datetime or a timestamp");
  return std::max(stamp->at, Time{0});
}

}  // namespace

Outcome<const catalog::ResourceType*> find_type(const catalog::MeteringRules& rules,
                                                const std::string& name) {
  if (const auto* type = rules.type(name)) return type;
  return refuse(404, "Resource type {} does not exist", name);
}

Outcome<catalog::ResourcePtr> find_resource(const Call& call, const std::string& type,
                                            const std::string& name) {
  SENT_TRY(find_type(*call.rules(), type));
  const auto resource = call.registry.resource(call.account(), resource_uuid(name, call.who.creator));
  const bool fits = resource && (type == catalog::kGenericType || resource->now->type == type);
  if (!fits || !call.who.may_see(*resource->now)) return refuse(404, "Resource {} does not exist", name);
  return resource;
}

Failure no_metric(std::string_view name) {
  return refuse(404, "Metric {} does not exist", name);
}

bool may_see(const Call& call, const catalog::Metric& metric) {
  if (call.who.may_see(metric.creator)) return true;
  const auto resource = metric.resource ? call.registry.resource(call.account(), *metric.resource) : nullptr;
  return resource && call.who.may_see(*resource->now);
}

Outcome<catalog::MetricPtr> find_metric(const Call& call, const std::string& text) {
  const auto id = any_uuid(text);
  const auto metric = id ? call.registry.metric(call.account(), *id) : nullptr;
  if (!metric || !may_see(call, metric->metric)) return no_metric(text);
  return metric;
}

Outcome<catalog::MetricPtr> find_resource_metric(const Call& call, const std::string& type,
                                                 const std::string& resource, const std::string& name) {
  SENT_TRY_ASSIGN(const auto found, find_resource(call, type, resource));
  const auto metric = found->metrics.find(name);
  if (metric == found->metrics.end()) return no_metric(name);
  return metric->second;
}

Outcome<catalog::Metric> make_metric(const Call& call, const catalog::MeteringRules& rules,
                                     std::optional<std::string> name, std::optional<std::string> unit,
                                     std::optional<std::string> policy) {
  if (name && name->contains('/')) return refuse(400, "'/' is not supported in metric name");
  if (name && text_length(*name) > 255) return refuse(400, "the name of a metric has at most 255 characters");
  if (policy && rules.policy(*policy) == nullptr)
    return refuse(400, "Archive policy {} does not exist", *policy);
  if (!policy) {
    const auto* ruled = rules.policy_for(name.value_or(""));
    if (ruled == nullptr || !name)
      return refuse(
          400,
          "No archive policy name specified and no archive policy rule found matching the metric name {}",
          name.value_or("None"));
    policy = ruled->name;
  }
  return catalog::Metric{.id = random_uuid(),
                         .name = std::move(name),
                         .unit = std::move(unit),
                         .creator = call.who.creator,
                         .resource = std::nullopt,
                         .policy = *std::move(policy)};
}

Outcome<std::vector<WantedMetric>> read_wanted_metrics(const boost::json::value& json, const Path& path) {
  std::vector<WantedMetric> wanted;
  SENT_TRY_ASSIGN(const auto* object, as_object(json, path));
  for (const auto& [key, value] : *object) {
    WantedMetric metric{.name = std::string(key), .id = {}, .policy = {}, .unit = {}};
    if (metric.name.contains('/')) return refuse(400, "'/' is not supported in metric name");
    if (value.is_string()) {
      metric.id = any_uuid(value.get_string());
      if (!metric.id) return invalid_value("badly formed hexadecimal UUID string", path / metric.name);
    } else {
      SENT_TRY_ASSIGN(const auto* definition,
                      as_object(value, path / metric.name, {"archive_policy_name", "unit"}));
      SENT_TRY_ASSIGN(metric.policy,
                      optional_text_field(*definition, "archive_policy_name", path / metric.name));
      SENT_TRY_ASSIGN(metric.unit, optional_text_field(*definition, "unit", path / metric.name, 31));
    }
    wanted.push_back(std::move(metric));
  }
  return wanted;
}

Outcome<void> put_metrics(const Call& call, catalog::ResourceEdit& edit, const Uuid& resource,
                          const std::vector<WantedMetric>& wanted) {
  for (const WantedMetric& one : wanted) {
    catalog::Metric metric;
    if (one.id) {
      const auto found = edit.metric(*one.id);
      if (!found || !call.who.may_change(found->metric.creator))
        return refuse(400, "Metric {} does not exist", to_text(*one.id));
      metric = found->metric;
      metric.name = one.name;
    } else {
      SENT_TRY_ASSIGN(metric, make_metric(call, edit.rules(), one.name, one.unit, one.policy));
    }
    metric.resource = resource;
    const auto put = edit.put_metric(metric);
    if (!put && put.error().code == Errc::kConflict)
      return refuse(409, "Named metric {} already exists", one.name);
    SENT_TRY(put);
  }
  return {};
}

namespace {

/// What changed between the two looks, at the memory and at its tables, is told once.
bool is_past(const catalog::Resource& revision, const catalog::LiveResource& resource) {
  return revision.revision < resource.now->revision;
}

}  // namespace

Outcome<void> visit_resources(const Call& call, const std::string& type, const Filter& filter, bool history,
                              const TakeFound& take) {
  std::unordered_map<Uuid, catalog::ResourcePtr, catalog::UuidHash> seen;  // of those with a history
  const bool any_type = type == catalog::kGenericType;
  for (auto& one : call.registry.resources(call.account())) {
    if (!any_type && one->now->type != type) continue;
    if (!call.who.may_see(*one->now)) continue;
    if (filter.matches(*one->now)) take({one, one->now});
    if (history && one->now->revision > 1) seen.emplace(one->now->id, std::move(one));
  }
  if (seen.empty()) return {};
  const catalog::WhosePast whose{.type = any_type ? "" : type};
  SENT_TRY(call.registry.visit_past(call.account(), whose, [&](catalog::Resource revision) {
    const auto one = seen.find(revision.id);
    if (one == seen.end() || !is_past(revision, *one->second) || !filter.matches(revision)) return;
    take({one->second, std::make_shared<const catalog::Resource>(std::move(revision))});
  }));
  return {};
}

Outcome<void> visit_history(const Call& call, const catalog::ResourcePtr& resource, const TakeFound& take) {
  SENT_TRY(
      call.registry.visit_past(call.account(), {.id = resource->now->id}, [&](catalog::Resource revision) {
        if (is_past(revision, *resource))
          take({resource, std::make_shared<const catalog::Resource>(std::move(revision))});
      }));
  take({resource, resource->now});
  return {};
}

Outcome<std::vector<Found>> find_resources(const Call& call, const std::string& type, const Filter& filter,
                                           bool history) {
  std::vector<Found> found;
  std::size_t past = 0;
  SENT_TRY(visit_resources(call, type, filter, history, [&](Found one) {
    if (one.revision->revision_end && ++past > call.options.max_revisions) return;
    found.push_back(std::move(one));
  }));
  if (past <= call.options.max_revisions) return found;
  return refuse(400, "{} past revisions match, over {} are too many for one request", past,
                call.options.max_revisions);
}

Outcome<Filter> requested_filter(const Call& call, const catalog::ResourceType& type) {
  const FilterContext context{type, call.who.creator, call.now};
  if (const auto text = call.query.first("filter")) return parse_filter(*text, context);
  SENT_TRY_ASSIGN(const auto json, call.optional_body());
  if (!json) return Filter{};
  return read_filter(*json, context);
}

Outcome<Interval> read_interval(const Call& call) {
  Interval interval;
  SENT_TRY_ASSIGN(interval.start, time_parameter(call, "start"));
  SENT_TRY_ASSIGN(interval.stop, time_parameter(call, "stop"));
  return interval;
}

Outcome<std::optional<Duration>> span_parameter(const Call& call, std::string_view name) {
  const auto text = call.query.first(name);
  if (!text) return std::nullopt;
  const auto span = parse_span(*text);
  if (!span) return bad_argument(name, "Unable to parse timespan");
  if (span->count() <= 0) return bad_argument(name, "Timespan must be positive");
  return span;
}

}  // namespace sentinella::api::gnocchi
