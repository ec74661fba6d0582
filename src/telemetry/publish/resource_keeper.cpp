#include "telemetry/publish/resource_keeper.h"

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/uuid_names.h"
#include "model/trait_types.h"
#include "telemetry/cut_text.h"
#include "telemetry/datetime.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostKnown = 200'000;
constexpr std::size_t kMostNames = 10'000;

std::string name_of(const MeterSample& sample) {
  std::string name = sample.resource_id.substr(0, 255);
  std::ranges::replace(name, '/', '_');
  return name;
}

Uuid id_of(std::string_view name) {
  return catalog::resource_uuid(name, ResourceKeeper::kCreator);
}

std::optional<catalog::AttributeValue> value_of(const json::value& value, catalog::AttributeKind kind) {
  if (value.is_null()) return std::nullopt;
  const std::string text =
      value.is_string() ? std::string(std::string_view(value.get_string())) : json::serialize(value);
  switch (kind) {
    case catalog::AttributeKind::string:
      return cut_text(text);
    case catalog::AttributeKind::uuid:
      if (const auto id = catalog::any_uuid(text)) return to_text(*id);
      return std::nullopt;
    case catalog::AttributeKind::number:
      if (const auto number = parse_double(text)) return *number;
      return std::nullopt;
    case catalog::AttributeKind::boolean:
      if (text == "true" || text == "false") return text == "true";
      return std::nullopt;
    case catalog::AttributeKind::datetime:
      if (const auto time = parse_datetime(text)) return *time;
      return std::nullopt;
  }
  return std::nullopt;
}

/// What the type has no place for is left out.
void set_attributes(catalog::Resource& resource, const catalog::ResourceType& type,
                    const json::object& said) {
  for (const auto& [key, value] : said) {
    const std::string name(key);
    if ((name == "user_id" || name == "project_id") && value.is_string())
      (name == "user_id" ? resource.user_id : resource.project_id) = std::string(value.get_string());
    const auto spec = type.attributes.find(name);
    if (spec == type.attributes.end()) continue;
    if (auto converted = value_of(value, spec->second.kind))
      resource.attributes[name] = *std::move(converted);
  }
}

bool is_same(const catalog::Resource& a, const catalog::Resource& b) {
  return a.user_id == b.user_id && a.project_id == b.project_id && a.ended_at == b.ended_at &&
         a.attributes == b.attributes;
}

/// Polled samples say what their resource is like. What a notification's sample carries is the notification:
/// the source of a migration, too, tells of the instance. It counts only where no event tells better.
bool describes_its_resource(const ResourceKind& kind, const MeterSample& sample) {
  if (!sample.metadata || kind.attributes.empty()) return false;
  return !sample.from_notification || (kind.event_create.empty() && kind.event_update.empty());
}

}  // namespace

struct ResourceKeeper::Work {
  struct Said {
    const ResourceKind* kind;
    ResourceAct act;
    const Event* event;
  };
  std::vector<Said> events;
  std::vector<std::pair<const OfMeter*, const MeterSample*>> metrics;  ///< that are not there
  std::vector<std::pair<const ResourceKind*, const MeterSample*>> metadata;
  std::vector<std::pair<std::string, std::uint64_t>> digests;  ///< of that
  bool empty() const { return events.empty() && metrics.empty() && metadata.empty(); }
};

ResourceKeeper::ResourceKeeper(catalog::ResourceRegistry& registry, AccountId account, ResourceKinds kinds)
    : registry_(registry), account_(account), kinds_(std::move(kinds)) {
  registry_.index_attributes(kinds_.associated_attributes());
}

const ResourceKeeper::OfMeter& ResourceKeeper::of_meter(const std::string& meter) {
  if (const auto known = by_meter_.find(meter); known != by_meter_.end()) return known->second;
  OfMeter found;
  found.kind = kinds_.of(meter, found.policy);
  return by_meter_.emplace(meter, std::move(found)).first->second;
}

const ResourceKeeper::OfEvent& ResourceKeeper::of_event(const std::string& type) {
  if (const auto known = by_event_.find(type); known != by_event_.end()) return known->second;
  return by_event_.emplace(type, kinds_.of_event(type)).first->second;
}

catalog::MetricPtr ResourceKeeper::find(const MeterSample& sample) const {
  const auto resource = registry_.resource(account_, id_of(name_of(sample)));
  if (!resource) return nullptr;
  const auto metric = resource->metrics.find(sample.name);
  return metric == resource->metrics.end() ? nullptr : metric->second;
}

bool ResourceKeeper::says_something_new(const ResourceKind& kind, const MeterSample& sample,
                                        std::uint64_t& digest) {
  digest = hash64(json::serialize(attributes_of(kind, sample)));
  const auto told = told_.find(sample.resource_id);
  return told == told_.end() || told->second != digest;
}

Result<std::vector<catalog::MetricPtr>> ResourceKeeper::take(std::span<const MeterSample> samples,
                                                             std::span<const Event> events) {
  // What is remembered of a meter is pointed at until the end.
  if (by_meter_.size() > kMostNames) by_meter_.clear();
  if (by_event_.size() > kMostNames) by_event_.clear();
  Work work;
  for (const Event& event : events)
    for (const auto& [kind, act] : of_event(event.type)) work.events.push_back({kind, act, &event});
  std::set<std::string_view> looked_at;
  for (const MeterSample& sample : samples) {
    const OfMeter& meter = of_meter(sample.name);
    if (meter.kind == nullptr) continue;
    if (!find(sample)) work.metrics.emplace_back(&meter, &sample);
    std::uint64_t digest = 0;
    if (!describes_its_resource(*meter.kind, sample)) continue;
    if (!looked_at.insert(sample.resource_id).second) continue;
    if (!says_something_new(*meter.kind, sample, digest)) continue;
    work.metadata.emplace_back(meter.kind, &sample);
    work.digests.emplace_back(sample.resource_id, digest);
  }
  if (!work.empty()) SENT_TRY(carry_out(work));
  std::vector<catalog::MetricPtr> metrics;
  metrics.reserve(samples.size());
  for (const MeterSample& sample : samples)
    metrics.push_back(of_meter(sample.name).kind == nullptr ? nullptr : find(sample));
  return metrics;
}

/// What is made comes first, what ends last: a batch may tell a whole life.
Result<void> ResourceKeeper::carry_out(const Work& work) {
  const auto edited = registry_.edit(account_, [&](catalog::ResourceEdit& edit) -> Result<void> {
    for (const auto& said : work.events)
      if (said.act != ResourceAct::end) SENT_TRY(apply(edit, *said.kind, said.act, *said.event));
    for (const auto& [meter, sample] : work.metrics) SENT_TRY(ensure_metric(edit, *meter, *sample));
    for (const auto& [kind, sample] : work.metadata) SENT_TRY(ensure_resource(edit, *kind, *sample));
    for (const auto& said : work.events)
      if (said.act == ResourceAct::end) SENT_TRY(apply(edit, *said.kind, said.act, *said.event));
    return {};
  });
  SENT_TRY(edited);
  if (told_.size() > kMostKnown) told_.clear();
  for (const auto& [name, digest] : work.digests) told_[name] = digest;
  return {};
}

namespace {

Result<const catalog::ResourceType*> ensure_type(catalog::ResourceEdit& edit, const ResourceKind& kind) {
  if (edit.rules().type(kind.type) == nullptr) SENT_TRY(edit.put_type(kind.catalog_type()));
  return edit.rules().type(kind.type);
}

catalog::Resource new_resource(const ResourceKind& kind, std::string_view name, Time at) {
  catalog::Resource resource;
  resource.id = id_of(name);
  resource.type = kind.type;
  resource.original_id = name;
  resource.creator = ResourceKeeper::kCreator;
  resource.started_at = resource.revision_start = at;
  return resource;
}

/// The resource as it is, with what is said of it. One of another type stays as it is.
Result<void> describe_resource(catalog::ResourceEdit& edit, const ResourceKind& kind, std::string_view name,
                               Time at, const json::object& said) {
  SENT_TRY_ASSIGN(const auto* type, ensure_type(edit, kind));
  const auto known = edit.resource(id_of(name));
  if (!known) {
    auto made = new_resource(kind, name, at);
    set_attributes(made, *type, said);
    return edit.add_resource(made);
  }
  if (known->now->type != kind.type || at < known->now->revision_start) return {};
  catalog::Resource next = *known->now;
  set_attributes(next, *type, said);
  if (is_same(next, *known->now)) return {};
  next.revision_start = at;
  return edit.revise_resource(std::move(next));
}

Result<void> end_resource(catalog::ResourceEdit& edit, const catalog::Resource& resource, Time at) {
  if (resource.ended_at) return {};
  catalog::Resource next = resource;
  next.ended_at = std::max(at, resource.started_at);
  next.revision_start = std::max(at, resource.revision_start);
  return edit.revise_resource(std::move(next));
}

}  // namespace

Result<void> ResourceKeeper::apply(catalog::ResourceEdit& edit, const ResourceKind& kind, ResourceAct act,
                                   const Event& event) {
  json::object said = attributes_of(kind, event);
  const auto* id = said.if_contains("id");
  if (id == nullptr || !id->is_string() || id->get_string().size() > 255) return {};
  std::string name(id->get_string());
  std::ranges::replace(name, '/', '_');
  if (act != ResourceAct::end) {
    SENT_TRY(describe_resource(edit, kind, name, event.time, said));
    return end_if_told(edit, name);
  }
  const auto known = edit.resource(id_of(name));
  if (!known) {
    if (ends_.size() > kMostKnown) ends_.clear();
    ends_[name] = std::max(event.time, ends_[name]);
    return {};
  }
  if (known->now->type != kind.type) return {};
  SENT_TRY(end_resource(edit, *known->now, event.time));
  for (const auto& [type, attribute] : kind.associated)
    for (const auto& other : edit.resources_with(attribute, name))
      if (other->now->type == type) SENT_TRY(end_resource(edit, *other->now, event.time));
  return {};
}

Result<void> ResourceKeeper::ensure_resource(catalog::ResourceEdit& edit, const ResourceKind& kind,
                                             const MeterSample& sample) {
  json::object said = describes_its_resource(kind, sample) ? attributes_of(kind, sample) : json::object();
  if (sample.user_id) said["user_id"] = *sample.user_id;
  if (sample.project_id) said["project_id"] = *sample.project_id;
  SENT_TRY(describe_resource(edit, kind, name_of(sample), sample.timestamp, said));
  return end_if_told(edit, name_of(sample));
}

/// What came before the end, and only after it was told, does not bring it back to life.
Result<void> ResourceKeeper::end_if_told(catalog::ResourceEdit& edit, const std::string& name) {
  const auto end = ends_.find(name);
  if (end == ends_.end()) return {};
  const auto known = edit.resource(id_of(name));
  if (!known || known->now->revision_start > end->second) return {};
  return end_resource(edit, *known->now, end->second);
}

Result<void> ResourceKeeper::ensure_metric(catalog::ResourceEdit& edit, const OfMeter& meter,
                                           const MeterSample& sample) {
  const Uuid id = id_of(name_of(sample));
  if (!edit.resource(id)) SENT_TRY(ensure_resource(edit, *meter.kind, sample));
  if (edit.resource(id)->metrics.contains(sample.name)) return {};
  catalog::Metric metric;
  metric.id = random_uuid();
  metric.name = sample.name;
  if (!sample.unit.empty()) metric.unit = sample.unit.substr(0, 31);
  metric.creator = kCreator;
  metric.resource = id;
  SENT_TRY_ASSIGN(metric.policy, ensure_policy(edit, sample.name, meter.policy));
  return edit.put_metric(metric);
}

/// The one that is wanted, else what the account's rules say, else the definitions' default.
Result<std::string> ResourceKeeper::ensure_policy(catalog::ResourceEdit& edit, const std::string& meter,
                                                  const std::string& wanted) {
  const auto* ruled = edit.rules().policy_for(meter);
  std::string name = !wanted.empty() ? wanted : kinds_.default_policy();
  if (edit.rules().policy(name) != nullptr) return name;
  const auto defined = std::ranges::find(kinds_.policies(), name, &catalog::ArchivePolicy::name);
  if (defined != kinds_.policies().end()) {
    SENT_TRY(edit.put_policy(*defined));
    return name;
  }
  if (ruled != nullptr) return ruled->name;
  return fail(Errc::kInvalid, "the archive policy \"{}\" of {} is defined nowhere", name, meter);
}

}  // namespace sentinella::telemetry
