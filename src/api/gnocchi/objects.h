// Policies, metrics and resources as JSON.
#pragma once

#include <set>
#include <string>

#include "api/gnocchi/call.h"

namespace sentinella::api::gnocchi {

void write_policy(JsonText& json, const catalog::ArchivePolicy& policy);
void write_rule(JsonText& json, const catalog::PolicyRule& rule);
void write_type(JsonText& json, const catalog::ResourceType& type);
void write_value(JsonText& json, const catalog::AttributeValue& value);

/// How much of a metric is told: what it was made of, with its policy in a list, with its resource by itself.
enum class MetricForm : std::uint8_t { made, listed, alone };
void write_metric(JsonText& json, const Call& call, const catalog::Metric& metric, MetricForm form);

/// One revision of a resource, with the attributes of `type` beside the common ones. `only`: when not empty,
/// nothing but these.
void write_resource(JsonText& json, const catalog::LiveResource& resource, const catalog::Resource& revision,
                    const catalog::ResourceType& type, const std::set<std::string>& only = {});

/// Entity tag and Last-Modified of a resource as it is now.
void add_validators(Reply& reply, const catalog::Resource& resource);
std::string entity_tag(const catalog::Resource& resource);

}  // namespace sentinella::api::gnocchi
