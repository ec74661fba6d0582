#include "api/gnocchi/objects.h"

#include <chrono>

#include "api/gnocchi/filter.h"
#include "api/gnocchi/time_text.h"
#include "base/crypto.h"
#include "base/sha1.h"

namespace sentinella::api::gnocchi {
namespace {

void write_number(JsonText& json, double number) {
  if (number == std::floor(number) && std::abs(number) < 1e15)
    json.value(static_cast<std::int64_t>(number));
  else
    json.value(number);
}

void write_bound(JsonText& json, std::string_view name, const std::optional<double>& bound) {
  json.key(name);
  if (bound)
    write_number(json, *bound);
  else
    json.null();
}

void write_creator(JsonText& json, const std::string& creator) {
  const auto colon = creator.find(':');
  json.field("creator", creator).field("created_by_user_id", creator.substr(0, colon));
  json.field("created_by_project_id", colon == std::string::npos ? std::string() : creator.substr(colon + 1));
}

}  // namespace

void write_policy(JsonText& json, const catalog::ArchivePolicy& policy) {
  json.object().field("name", policy.name).field("back_window", policy.back_window);
  json.key("definition").array();
  for (const auto& roll_up : policy.roll_ups) {
    json.object().field("granularity", span_text(roll_up.granularity)).field("points", roll_up.points);
    json.key("timespan");
    if (const auto span = roll_up.span())
      json.value(span_text(*span));
    else
      json.null();
    json.end();
  }
  json.end().key("aggregation_methods").array();
  for (const auto& method : policy.methods) json.value(method);
  json.end().end();
}

void write_rule(JsonText& json, const catalog::PolicyRule& rule) {
  json.object().field("name", rule.name).field("metric_pattern", rule.pattern);
  json.field("archive_policy_name", rule.policy).end();
}

void write_type(JsonText& json, const catalog::ResourceType& type) {
  json.object().field("name", type.name).key("attributes").object();
  for (const auto& [name, spec] : type.attributes) {
    json.key(name).object().field("type", to_string(spec.kind)).field("required", spec.required);
    const bool text = spec.kind == catalog::AttributeKind::string;
    if (text || spec.kind == catalog::AttributeKind::number) {
      write_bound(json, text ? "min_length" : "min", spec.min);
      write_bound(json, text ? "max_length" : "max", spec.max);
    }
    json.end();
  }
  json.end().field("state", "active").end();
}

void write_value(JsonText& json, const catalog::AttributeValue& value) {
  if (const auto* flag = std::get_if<bool>(&value))
    json.value(*flag);
  else if (const auto* number = std::get_if<double>(&value))
    write_number(json, *number);
  else if (const auto* text = std::get_if<std::string>(&value))
    json.value(*text);
  else if (const auto* time = std::get_if<Time>(&value))
    json.value(iso_text(*time));
  else
    json.null();
}

void write_metric(JsonText& json, const Call& call, const catalog::Metric& metric, MetricForm form) {
  json.object().field("id", to_text(metric.id));
  write_creator(json, metric.creator);
  json.field("name", metric.name).field("unit", metric.unit);
  if (form == MetricForm::made) {
    json.field("archive_policy_name", metric.policy);
  } else {
    json.key("archive_policy");
    const auto rules = call.rules();
    if (const auto* policy = rules->policy(metric.policy))
      write_policy(json, *policy);
    else
      json.null();
  }
  if (form == MetricForm::alone) {
    const auto resource =
        metric.resource ? call.registry.resource(call.account(), *metric.resource) : nullptr;
    json.key("resource");
    if (resource)
      write_resource(json, *resource, *resource->now,
                     *call.rules()->type(std::string(catalog::kGenericType)));
    else
      json.null();
  } else {
    json.key("resource_id");
    if (metric.resource)
      json.value(to_text(*metric.resource));
    else
      json.null();
  }
  json.end();
}

void write_resource(JsonText& json, const catalog::LiveResource& resource, const catalog::Resource& revision,
                    const catalog::ResourceType& type, const std::set<std::string>& only) {
  const auto wanted = [&](std::string_view name) { return only.empty() || only.contains(std::string(name)); };
  json.object();
  const auto write = [&](std::string_view name) {
    if (!wanted(name)) return;
    json.key(name);
    write_value(json, attribute_of(revision, name).value_or(catalog::AttributeValue{}));
  };
  for (const std::string_view name :
       {"id", "original_resource_id", "type", "creator", "created_by_user_id", "created_by_project_id",
        "user_id", "project_id", "started_at", "ended_at", "revision_start", "revision_end"})
    write(name);
  for (const auto& [name, spec] : type.attributes) write(name);
  if (wanted("metrics")) {
    json.key("metrics").object();
    for (const auto& [name, metric] : resource.metrics) json.field(name, to_text(metric->metric.id));
    json.end();
  }
  json.end();
}

std::string entity_tag(const catalog::Resource& resource) {
  const Sha1 digest = sha1(to_text(resource.id) + iso_text(resource.revision_start));
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

void add_validators(Reply& reply, const catalog::Resource& resource) {
  const std::chrono::sys_seconds at{
      std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(resource.revision_start.ns))};
  const auto seconds = static_cast<std::time_t>(at.time_since_epoch().count());
  std::tm parts{};
  char text[40];
  gmtime_r(&seconds, &parts);
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  reply.headers.set("ETag", "\"" + entity_tag(resource) + "\"");
  reply.headers.set("Last-Modified", text);
}

}  // namespace sentinella::api::gnocchi
